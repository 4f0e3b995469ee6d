package dev.dyadic.ingest.bytes;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What an input is packed with, told by its first bytes.
enum Packing {
    /// RFC 1952.
    GZIP {
        @Override
        Unpacker unpacker() {
            return new GzipUnpacker();
        }
    },
    /// RFC 8878.
    ZSTD {
        @Override
        Unpacker unpacker() {
            return new ZstdUnpacker();
        }
    },
    BZIP2 {
        @Override
        Unpacker unpacker() {
            return new Bzip2Unpacker();
        }
    },
    XZ {
        @Override
        Unpacker unpacker() {
            return new XzUnpacker();
        }
    };

    /// Enough to tell each.
    static final int MAGIC_BYTES = 12;

    abstract Unpacker unpacker();

    /// @param head the first [#MAGIC_BYTES] bytes
    /// @return null where it is not packed
    static @Nullable Packing of(byte[] head) {
        for (Packing packing : values()) {
            try (Unpacker unpacker = packing.unpacker()) {
                if (unpacker.isKind(head)) {
                    return packing;
                }
            }
        }
        return null;
    }

    /// What else people pack with, by its first bytes.
    static Optional<String> unreadable(byte[] head) {
        if (begins(head, 'P', 'K', 3, 4)) {
            return Optional.of("a zip archive");
        }
        if (begins(head, '7', 'z', 0xBC, 0xAF)) {
            return Optional.of("a 7z archive");
        }
        if (begins(head, 'R', 'a', 'r', '!')) {
            return Optional.of("a rar archive");
        }
        if (begins(head, 0x04, 0x22, 0x4D, 0x18)) {
            return Optional.of("an lz4 file");
        }
        if (begins(head, 0xFF, 0x06, 0x00, 0x00, 's', 'N', 'a', 'P')) {
            return Optional.of("a snappy file");
        }
        return begins(head, 0x1F, 0x9D) ? Optional.of("a file of compress") : Optional.empty();
    }

    static boolean begins(byte[] head, int... magic) {
        if (head.length < magic.length) {
            return false;
        }
        for (int i = 0; i < magic.length; i++) {
            if (head[i] != (byte) magic[i]) {
                return false;
            }
        }
        return true;
    }
}
