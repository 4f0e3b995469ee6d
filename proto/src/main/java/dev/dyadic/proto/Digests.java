package dev.dyadic.proto;

import com.dynatrace.hash4j.hashing.HashStream64;
import com.dynatrace.hash4j.hashing.Hasher64;
import com.dynatrace.hash4j.hashing.Hashing;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// The hash functions of the formats. All are standard, so that another program can compute them.
public final class Digests {
    private static final Hasher64 XXH64 = Hashing.xxh64();

    private Digests() {}

    /// XXH64 with seed 0.
    public static long xxh64(byte[] bytes) {
        return XXH64.hashBytesToLong(bytes);
    }

    /// XXH64 with seed 0 of bytes that come one after the other.
    public static HashStream64 xxh64Stream() {
        return XXH64.hashStream();
    }

    /// XXH64 with seed 0 of a part of an array.
    public static long xxh64(byte[] bytes, int offset, int length) {
        return XXH64.hashBytesToLong(bytes, offset, length);
    }

    /// XXH64 of the UTF-8 bytes of a text.
    public static long xxh64(String text, long seed) {
        return Hashing.xxh64(seed).hashBytesToLong(text.getBytes(StandardCharsets.UTF_8));
    }

    public static byte[] sha256(byte[] bytes) {
        return newSha256().digest(bytes);
    }

    /// Id of a document that came without one: the first 128 bits of SHA-256 over source, a zero byte and text, in
    /// hexadecimal.
    public static String documentId(String source, byte[] text) {
        MessageDigest digest = newSha256();
        digest.update(source.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
        digest.update(text);
        return HexFormat.of().formatHex(digest.digest(), 0, 16);
    }

    private static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }
}
