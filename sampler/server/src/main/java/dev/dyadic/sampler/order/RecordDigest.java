package dev.dyadic.sampler.order;

import dev.dyadic.proto.Digests;
import java.util.Arrays;
import java.util.HexFormat;

/// SHA-256 of a ledger record's bytes. Never changes.
public final class RecordDigest {
    public static final int BYTES = 32;

    private final byte[] bytes;

    private RecordDigest(byte[] bytes) {
        this.bytes = bytes;
    }

    static RecordDigest ofRecord(byte[] record) {
        return new RecordDigest(Digests.sha256(record));
    }

    public static RecordDigest of(byte[] digest) {
        if (digest.length != BYTES) {
            throw new IllegalArgumentException("a digest must have " + BYTES + " bytes, but had " + digest.length);
        }
        return new RecordDigest(digest.clone());
    }

    public byte[] toArray() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RecordDigest digest && Arrays.equals(bytes, digest.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}
