package dev.dyadic.ingest.bytes;

import static dev.dyadic.ingest.Packed.gzip;
import static dev.dyadic.ingest.Packed.join;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextTest {
    private static final String TEXT = "{\"text\": \"é漢😀\"}\n".repeat(50_000);

    @ParameterizedTest
    @ValueSource(strings = {"UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"})
    void theCharsetIsToldByTheFirstBytes(String name) throws IOException {
        byte[] bytes = TEXT.getBytes(Charset.forName(name));
        byte[] mark = "\uFEFF".getBytes(Charset.forName(name));

        for (byte[] stored : new byte[][] {bytes, join(mark, bytes), gzip(bytes)}) {
            try (Text text = open(stored, Optional.empty())) {
                assertThat(new String(text.readAllBytes(), StandardCharsets.UTF_8))
                        .isEqualTo(TEXT);
                assertThat(text.toldCharset()).contains(name);
            }
        }
    }

    @Test
    void aCharsetCanBeGiven() throws IOException {
        Charset latin1 = Charset.forName("windows-1252");

        try (Text text = open("naïve café – “x”\n".getBytes(latin1), Optional.of(latin1))) {
            assertThat(new String(text.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("naïve café – “x”\n");
            assertThat(text.toldCharset()).isEmpty();
        }
    }

    /// A mark says more than a user: UTF-16 of unknown order, for one.
    @Test
    void aMarkCountsMoreThanWhatIsGiven() throws IOException {
        byte[] marked = "\uFEFFabc".getBytes(StandardCharsets.UTF_16LE);

        try (Text text = open(marked, Optional.of(StandardCharsets.UTF_16))) {
            assertThat(new String(text.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("abc");
        }
    }

    @Test
    void whatIsNoneOfTheCharsetIsNoneOfUtf8Either() throws IOException {
        byte[] broken = join(
                "ab".getBytes(StandardCharsets.UTF_16LE),
                new byte[] {0, (byte) 0xD8},
                "c\n".getBytes(StandardCharsets.UTF_16LE),
                new byte[] {'x'});

        try (Text text = open(broken, Optional.empty())) {
            assertThat(text.readAllBytes()).containsExactly('a', 'b', 0xFF, '\n', 0xFF);
        }
    }

    private static Text open(byte[] stored, Optional<Charset> charset) throws IOException {
        return Input.stream("text", new ByteArrayInputStream(stored)).text(new AtomicLong(), charset);
    }
}
