package dev.dyadic.proto;

import java.util.HexFormat;

/// A file that belongs to a corpus, and is known by its SHA-256. Never changes.
public final class Asset {
    private final byte[] bytes;
    private final String sha256;

    private Asset(byte[] bytes) {
        this.bytes = bytes;
        this.sha256 = HexFormat.of().formatHex(Digests.sha256(bytes));
    }

    /// Takes the array over: the caller does not change it afterwards.
    ///
    /// @throws InvalidException where it is larger than [Limits#MAX_ASSET_BYTES]
    public static Asset of(byte[] bytes) {
        if (bytes.length > Limits.MAX_ASSET_BYTES) {
            throw new InvalidException("a file of a corpus must have at most " + Limits.MAX_ASSET_BYTES
                    + " bytes, but there are " + bytes.length);
        }
        return new Asset(bytes);
    }

    /// What it holds; to be left as it is.
    public byte[] bytes() {
        return bytes;
    }

    /// SHA-256 of its bytes, in hexadecimal.
    public String sha256() {
        return sha256;
    }
}
