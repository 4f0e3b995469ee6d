package dev.dyadic.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class LineReaderTest {
    @Test
    void aLastLineWithoutAnEndIsOverlongFromTheFirstByteBeyondTheLimit() throws IOException {
        assertThat(new LineReader(stream("abcde"), 5).next()).isNotNull().satisfies(line -> {
            assertThat(line.overlong()).isFalse();
            assertThat(line.wholeBytes()).isEqualTo(5);
        });
        assertThat(new LineReader(stream("abcdef"), 5).next()).isNotNull().satisfies(line -> {
            assertThat(line.overlong()).isTrue();
            assertThat(line.wholeBytes()).isEqualTo(6);
        });
    }

    @Test
    void cutsLinesWithAndWithoutAnEndOfTheLast() throws IOException {
        assertThat(texts("a\nbc\n", 10)).containsExactly("a", "bc");
        assertThat(texts("a\n\nbc", 10)).containsExactly("a", "", "bc");
        assertThat(texts("", 10)).isEmpty();
    }

    @Test
    void cutsOverlongLinesAndGoesOnBehindThem() throws IOException {
        LineReader reader = new LineReader(stream("abcdefgh\nxyz\n"), 5);

        Line overlong = reader.next();
        Line next = reader.next();

        assertThat(overlong).isNotNull().satisfies(line -> {
            assertThat(line.overlong()).isTrue();
            assertThat(line.wholeBytes()).isEqualTo(9);
            assertThat(line.content().bytes()).hasSize(5);
        });
        assertThat(next).isNotNull().satisfies(line -> {
            assertThat(line.overlong()).isFalse();
            assertThat(line.number()).isEqualTo(2);
        });
    }

    @Test
    void aLineOfExactlyTheLimitIsWhole() throws IOException {
        assertThat(new LineReader(stream("abcde\n"), 5).next())
                .isNotNull()
                .satisfies(line -> assertThat(line.overlong()).isFalse());
    }

    @Test
    void compressionIsToldByTheFirstBytes() throws IOException {
        for (Packer packer : List.<Packer>of(GZIPOutputStream::new, ZstdOutputStream::new, stream -> stream)) {
            ByteArrayOutputStream packed = new ByteArrayOutputStream();
            try (OutputStream out = packer.pack(packed)) {
                out.write("one\ntwo\n".getBytes(StandardCharsets.UTF_8));
            }
            AtomicLong stored = new AtomicLong();
            Input input = Input.stream("packed", new ByteArrayInputStream(packed.toByteArray()));

            try (InputStream opened = input.open(stored)) {
                assertThat(new String(opened.readAllBytes(), StandardCharsets.UTF_8))
                        .isEqualTo("one\ntwo\n");
            }

            assertThat(stored.get()).isEqualTo(packed.size());
        }
    }

    private interface Packer {
        OutputStream pack(OutputStream to) throws IOException;
    }

    private static List<String> texts(String input, int limit) throws IOException {
        LineReader reader = new LineReader(stream(input), limit);
        List<String> texts = new ArrayList<>();
        for (Line line = reader.next(); line != null; line = reader.next()) {
            texts.add(new String(line.content().bytes(), StandardCharsets.UTF_8));
        }
        return texts;
    }

    private static InputStream stream(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }
}
