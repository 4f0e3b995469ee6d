package dev.dyadic.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CompressionTest {
    private static final String FIRST = "{\"text\": \"one\"}\n".repeat(5000);
    private static final String SECOND = "{\"text\": \"two\"}\n";
    private static final byte[] SKIPPABLE = {0x5A, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 'x', 'y', 'z'};

    interface Packer {
        OutputStream pack(OutputStream to) throws IOException;
    }

    static Stream<Packer> packers() {
        return Stream.of(GZIPOutputStream::new, ZstdOutputStream::new, BZip2CompressorOutputStream::new);
    }

    @ParameterizedTest
    @MethodSource("packers")
    void everyMemberIsRead(Packer packer) throws IOException {
        byte[] packed = join(pack(packer, FIRST), pack(packer, SECOND), pack(packer, ""), pack(packer, FIRST));
        AtomicLong stored = new AtomicLong();

        try (InputStream opened =
                Input.stream("packed", new ByteArrayInputStream(packed)).open(stored)) {
            assertThat(new String(opened.readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo(FIRST + SECOND + FIRST);
        }

        assertThat(stored.get()).isEqualTo(packed.length);
    }

    /// The rest of such files was lost without a word.
    @ParameterizedTest
    @MethodSource("packers")
    void whatIsNoMemberIsAnErrorAndSoIsOneThatIsCut(Packer packer) throws IOException {
        byte[] first = pack(packer, FIRST);
        byte[] second = pack(packer, SECOND);
        byte[] damaged = second.clone();
        damaged[1] ^= 0x40;
        for (byte[] rest : new byte[][] {
            damaged,
            join("junk between".getBytes(StandardCharsets.US_ASCII), second),
            Arrays.copyOf(second, second.length / 2)
        }) {
            assertThatThrownBy(() -> read(join(first, rest))).isInstanceOf(IOException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("packers")
    void oneThatIsCutAnywhereIsAnError(Packer packer) throws IOException {
        byte[] first = pack(packer, FIRST);
        byte[] second = pack(packer, SECOND);

        for (int length = 1; length < second.length; length++) {
            byte[] later = join(first, Arrays.copyOf(second, length));
            assertThatThrownBy(() -> read(later)).as("%d", length).isInstanceOf(IOException.class);
        }
        for (int length = 4; length < first.length; length += 7) {
            byte[] alone = Arrays.copyOf(first, length);
            assertThatThrownBy(() -> read(alone)).as("%d", length).isInstanceOf(IOException.class);
        }
    }

    @Test
    void zstdMayBeginWithWhatIsToBeSkipped() throws IOException {
        byte[] one = pack(ZstdOutputStream::new, FIRST);

        assertThat(read(join(SKIPPABLE, one, SKIPPABLE, SKIPPABLE, pack(ZstdOutputStream::new, SECOND))))
                .isEqualTo(FIRST + SECOND);
    }

    @Test
    void zstdMayLookBackAsFarAsIsSaid() throws IOException {
        assertThat(read(frame(ZstdFrames.MAX_WINDOW_LOG))).isEqualTo("one\n");
        assertThatThrownBy(() -> read(frame(ZstdFrames.MAX_WINDOW_LOG + 1)))
                .isInstanceOf(IOException.class)
                .hasMessage("it was packed with a window of more than 512 MiB, which is more than is read here: pack it"
                        + " with at most zstd --long=29, or unpack it on its way: zstd -dc --long=31 FILE | dyadic ingest"
                        + " -");
    }

    @Test
    void aByteOrderMarkIsNotPartOfTheFirstLine() throws IOException {
        String marked = "\uFEFF" + SECOND + "\uFEFF";

        assertThat(read(marked.getBytes(StandardCharsets.UTF_8))).isEqualTo(SECOND + "\uFEFF");
        assertThat(read(pack(GZIPOutputStream::new, marked))).isEqualTo(SECOND + "\uFEFF");
        assertThat(read(new byte[0])).isEmpty();
        assertThat(read(new byte[] {(byte) 0xEF, (byte) 0xBB})).hasSize(1);
    }

    /// RFC 8878, 3.1.1: no checksum, a window of 2 to this power, one raw block.
    private static byte[] frame(int windowLog) {
        return new byte[] {
            0x28,
            (byte) 0xB5,
            0x2F,
            (byte) 0xFD,
            0,
            (byte) ((windowLog - 10) << 3),
            (4 << 3) | 1,
            0,
            0,
            'o',
            'n',
            'e',
            '\n'
        };
    }

    private static String read(byte[] stored) throws IOException {
        try (InputStream opened =
                Input.stream("packed", new ByteArrayInputStream(stored)).open(new AtomicLong())) {
            return new String(opened.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static byte[] pack(Packer packer, String text) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = packer.pack(packed)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return packed.toByteArray();
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream joined = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            joined.writeBytes(part);
        }
        return joined.toByteArray();
    }
}
