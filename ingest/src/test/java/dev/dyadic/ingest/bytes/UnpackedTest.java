package dev.dyadic.ingest.bytes;

import static dev.dyadic.ingest.Packed.join;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

class UnpackedTest {
    private static final String FIRST = "{\"text\": \"one\"}\n".repeat(5000);
    private static final String SECOND = "{\"text\": \"two\"}\n";
    private static final byte[] SKIPPABLE = {0x5A, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 'x', 'y', 'z'};

    interface Packer {
        OutputStream pack(OutputStream to) throws IOException;
    }

    static Stream<Packer> packers() {
        return Stream.of(
                GZIPOutputStream::new,
                to -> new ZstdOutputStream(to).setChecksum(true),
                BZip2CompressorOutputStream::new,
                to -> new XZOutputStream(to, new LZMA2Options()));
    }

    @ParameterizedTest
    @MethodSource("packers")
    void everyMemberIsRead(Packer packer) throws IOException {
        byte[] packed = join(pack(packer, FIRST), pack(packer, SECOND), pack(packer, ""), pack(packer, FIRST));
        AtomicLong stored = new AtomicLong();

        try (InputStream opened = text(packed, stored)) {
            assertThat(new String(opened.readAllBytes(), StandardCharsets.UTF_8))
                    .isEqualTo(FIRST + SECOND + FIRST);
        }

        assertThat(stored.get()).isEqualTo(packed.length);
    }

    /// The rest of such files was lost without a word.
    @ParameterizedTest
    @MethodSource("packers")
    void whatIsNoMemberIsAnErrorBehindWhichTheNextOneIsRead(Packer packer) throws IOException {
        byte[] first = pack(packer, FIRST);
        byte[] second = pack(packer, SECOND);
        byte[] brokenHeader = second.clone();
        brokenHeader[1] ^= 0x40;
        byte[] last = pack(packer, "{\"text\": \"last\"}\n");
        for (byte[] between : new byte[][] {
            brokenHeader,
            "junk between".getBytes(StandardCharsets.US_ASCII),
            Arrays.copyOf(second, second.length / 2),
            // What begins as a member does, and is none.
            Arrays.copyOf(second, 10),
            join(Arrays.copyOf(second, 11), Arrays.copyOf(second, 11))
        }) {
            List<String> read = readWithDamage(join(first, between, last));

            assertThat(read.getFirst()).startsWith(FIRST);
            assertThat(read.getLast()).isEqualTo("{\"text\": \"last\"}\n");
            assertThat(read).filteredOn("damage"::equals).isNotEmpty();
        }
    }

    static IntStream seeds() {
        return IntStream.range(0, 60);
    }

    /// Whatever happens to one member, those before and behind it are read, and the damage is told.
    @ParameterizedTest
    @MethodSource("seeds")
    void damageStaysInItsMember(int seed) throws IOException {
        Random chance = new Random(seed);
        Packer packer = packers().toList().get(seed % 4);
        List<byte[]> members = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        int damaged = 3 + chance.nextInt(5);
        for (int i = 0; i < 12; i++) {
            byte[] noise = new byte[(i == damaged ? 100_000 : 20) + chance.nextInt(3000)];
            chance.nextBytes(noise);
            String text = i + ":" + Base64.getEncoder().encodeToString(noise) + "\n";
            texts.add(text);
            byte[] packed = pack(packer, text);
            if (i == damaged) {
                int at = packed.length / 4 + chance.nextInt(packed.length / 2);
                for (int hit = 0; hit < 20; hit++) {
                    packed[at + hit] = (byte) chance.nextInt();
                }
            }
            members.add(packed);
        }

        List<String> read = readWithDamage(join(members.toArray(new byte[0][])));

        assertThat(String.join("", read)).contains("damage");
        assertThat(read.getFirst()).startsWith(String.join("", texts.subList(0, damaged)));
        assertThat(read.getLast()).endsWith(String.join("", texts.subList(damaged + 1, texts.size())));
    }

    @Test
    void membersAreReadOneByOneWhereThatIsAskedFor() throws IOException {
        byte[] packed = join(
                pack(GZIPOutputStream::new, FIRST),
                pack(GZIPOutputStream::new, ""),
                pack(GZIPOutputStream::new, SECOND),
                new byte[100]);
        List<String> members = new ArrayList<>();

        try (Unpacked opened =
                Input.stream("packed", new ByteArrayInputStream(packed)).unpacked(new AtomicLong(), true)) {
            do {
                members.add(new String(opened.readAllBytes(), StandardCharsets.UTF_8));
            } while (opened.nextMember());
        }

        assertThat(members).containsExactly(FIRST, "", SECOND);
    }

    /// The header of RFC 1952 with all that may stand in it.
    @Test
    void gzipHeadersMayHaveEverything() throws IOException {
        byte[] plain = pack(GZIPOutputStream::new, SECOND);
        byte[] head = {0x1F, (byte) 0x8B, 8, 0x1F, 1, 2, 3, 4, 2, 3, 3, 0, 'a', 'b', 'c', 'n', 0, 'c', 0, 1, 2};

        assertThat(read(join(head, Arrays.copyOfRange(plain, 10, plain.length))))
                .isEqualTo(SECOND);
    }

    @Test
    void otherArchivesAreRefusedByName() {
        assertThatThrownBy(() -> read(new byte[] {'P', 'K', 3, 4, 0, 0}))
                .isInstanceOf(IOException.class)
                .hasMessage("it is a zip archive, which is not read here: unpack it first");
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
        for (int length = 6; length < first.length; length += 7) {
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
        assertThat(read(frame(ZstdUnpacker.MAX_WINDOW_LOG))).isEqualTo("one\n");
        assertThatThrownBy(() -> read(frame(ZstdUnpacker.MAX_WINDOW_LOG + 1)))
                .isInstanceOf(IOException.class)
                .hasMessage("this Zstandard frame was packed with a window of more than 512 MiB, which is more than is"
                        + " read here: pack it with at most zstd --long=29, or unpack it on its way: zstd -dc --long=31"
                        + " FILE | dyadic ingest - (packed bytes 0 to 0)");
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
        try (InputStream opened = text(stored, new AtomicLong())) {
            return new String(opened.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static Text text(byte[] stored, AtomicLong count) throws IOException {
        return Input.stream("packed", new ByteArrayInputStream(stored)).text(count, Optional.empty());
    }

    /// What was read between damages, each of which is a "damage".
    private static List<String> readWithDamage(byte[] stored) throws IOException {
        List<String> parts = new ArrayList<>();
        try (Text opened = text(stored, new AtomicLong())) {
            boolean goesOn = true;
            while (goesOn) {
                ByteArrayOutputStream part = new ByteArrayOutputStream();
                try {
                    opened.transferTo(part);
                    goesOn = false;
                    parts.add(part.toString(StandardCharsets.UTF_8));
                } catch (DamagedException e) {
                    parts.add(part.toString(StandardCharsets.UTF_8));
                    parts.add("damage");
                    goesOn = opened.recover();
                }
            }
        }
        return parts;
    }

    private static byte[] pack(Packer packer, String text) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = packer.pack(packed)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return packed.toByteArray();
    }
}
