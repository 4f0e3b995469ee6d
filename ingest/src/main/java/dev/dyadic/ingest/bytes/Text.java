package dev.dyadic.ingest.bytes;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Text, in UTF-8 without a byte order mark, whatever its charset is.
///
/// Where it is none of its charset, a byte stands that is none of UTF-8: whoever reads on refuses the document that it
/// stands in, and no other.
public final class Text extends Unpacked {
    private static final int HEAD_BYTES = 4;
    private static final int BUFFER_BYTES = 64 << 10;
    private static final byte INVALID = (byte) 0xFF;

    private final Unpacked source;
    private final Optional<Charset> given;
    /// Bytes of the source that were read and not taken.
    private final ByteBuffer from = ByteBuffer.allocate(BUFFER_BYTES).limit(0);
    /// Null while UTF-8 passes through.
    private @Nullable Transcoder transcoder;

    private boolean isBegun;
    private boolean isAtEnd;
    private Optional<String> told = Optional.empty();

    /// @param given empty: told by the first bytes, or else UTF-8
    Text(Unpacked source, Optional<Charset> given) {
        this.source = source;
        this.given = given;
    }

    /// The charset that was told by the first bytes, where it is not UTF-8; known once something is read.
    public Optional<String> toldCharset() {
        return told;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        begin();
        if (transcoder != null) {
            return transcoder.read(target, offset, length);
        }
        if (from.hasRemaining()) {
            int bytes = Math.min(length, from.remaining());
            from.get(target, offset, bytes);
            return bytes;
        }
        return isAtEnd ? -1 : source.read(target, offset, length);
    }

    @Override
    public long skip(long bytes) throws IOException {
        return !isBegun || from.hasRemaining() || transcoder != null ? super.skip(bytes) : source.skip(bytes);
    }

    @Override
    public boolean recover() throws IOException {
        restart();
        return source.recover();
    }

    @Override
    public boolean nextMember() throws IOException {
        restart();
        return source.nextMember();
    }

    @Override
    public void close() throws IOException {
        source.close();
    }

    /// Forgets what was begun, behind which something else comes.
    private void restart() {
        from.clear().limit(0);
        if (transcoder != null) {
            transcoder = new Transcoder(transcoder.charset);
        }
        isAtEnd = false;
    }

    private void begin() throws IOException {
        if (isBegun) {
            return;
        }
        while (!isAtEnd && from.remaining() < HEAD_BYTES) {
            fill();
        }
        isBegun = true;
        byte[] head = new byte[Math.min(HEAD_BYTES, from.remaining())];
        from.get(from.position(), head);
        ByteOrderMark mark = ByteOrderMark.of(head);
        if (mark != null) {
            from.position(from.position() + mark.bytes());
        }
        Charset charset = Optional.ofNullable(mark)
                .map(ByteOrderMark::charset)
                .or(() -> given)
                .or(() -> Optional.ofNullable(zeros(head)))
                .orElse(StandardCharsets.UTF_8);
        if (!charset.equals(StandardCharsets.UTF_8)) {
            transcoder = new Transcoder(charset);
            told = given.isPresent() ? Optional.empty() : Optional.of(charset.name());
        }
    }

    /// Text that begins with two characters of ASCII, as JSON does (RFC 4627, section 3), without a byte order mark.
    private static @Nullable Charset zeros(byte[] head) {
        if (head.length < HEAD_BYTES) {
            return null;
        }
        int zeros = 0;
        for (int i = 0; i < HEAD_BYTES; i++) {
            zeros |= head[i] == 0 ? 1 << i : 0;
        }
        return switch (zeros) {
            case 0b1010 -> StandardCharsets.UTF_16LE;
            case 0b0101 -> StandardCharsets.UTF_16BE;
            case 0b1110 -> StandardCharsets.UTF_32LE;
            case 0b0111 -> StandardCharsets.UTF_32BE;
            default -> null;
        };
    }

    private void fill() throws IOException {
        from.compact();
        try {
            int read = source.read(from.array(), from.position(), from.remaining());
            isAtEnd = read < 0;
            from.position(from.position() + Math.max(read, 0));
        } finally {
            from.flip();
        }
    }

    private record ByteOrderMark(int bytes, Charset charset) {
        static @Nullable ByteOrderMark of(byte[] head) {
            if (Packing.begins(head, 0xEF, 0xBB, 0xBF)) {
                return new ByteOrderMark(3, StandardCharsets.UTF_8);
            }
            if (Packing.begins(head, 0xFF, 0xFE, 0, 0)) {
                return new ByteOrderMark(4, StandardCharsets.UTF_32LE);
            }
            if (Packing.begins(head, 0, 0, 0xFE, 0xFF)) {
                return new ByteOrderMark(4, StandardCharsets.UTF_32BE);
            }
            if (Packing.begins(head, 0xFF, 0xFE)) {
                return new ByteOrderMark(2, StandardCharsets.UTF_16LE);
            }
            return Packing.begins(head, 0xFE, 0xFF) ? new ByteOrderMark(2, StandardCharsets.UTF_16BE) : null;
        }
    }

    private final class Transcoder {
        private final Charset charset;
        private final CharsetDecoder decoder;
        private final CharsetEncoder encoder = StandardCharsets.UTF_8.newEncoder();
        private final CharBuffer chars = CharBuffer.allocate(BUFFER_BYTES + 2);
        private final ByteBuffer to = ByteBuffer.allocate(4 * BUFFER_BYTES + 8).limit(0);
        private boolean isDone;

        Transcoder(Charset charset) {
            this.charset = charset;
            this.decoder = charset.newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT);
        }

        int read(byte[] target, int offset, int length) throws IOException {
            while (!to.hasRemaining()) {
                if (isDone) {
                    return -1;
                }
                if (!isAtEnd) {
                    fill();
                }
                convert();
            }
            int bytes = Math.min(length, to.remaining());
            to.get(target, offset, bytes);
            return bytes;
        }

        private void convert() {
            to.clear();
            CoderResult result;
            do {
                result = decoder.decode(from, chars, isAtEnd);
                encode();
                if (result.isError()) {
                    from.position(from.position() + result.length());
                    to.put(INVALID);
                }
            } while (result.isError() && to.remaining() > 4);
            isDone = isAtEnd && !from.hasRemaining();
            to.flip();
        }

        private void encode() {
            chars.flip();
            while (encoder.encode(chars, to, isAtEnd).isError()) {
                chars.get();
                to.put(INVALID);
            }
            chars.compact();
        }
    }
}
