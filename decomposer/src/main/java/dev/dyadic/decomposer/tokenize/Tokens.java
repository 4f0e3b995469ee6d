package dev.dyadic.decomposer.tokenize;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Token ids of one document. Never changes.
public final class Tokens {
    private final int[] ids;

    private Tokens(int[] ids) {
        this.ids = ids;
    }

    /// Takes the array over: the caller does not change it afterwards.
    static Tokens wrap(int[] ids) {
        return new Tokens(ids);
    }

    public static Tokens of(int... ids) {
        return new Tokens(ids.clone());
    }

    public int length() {
        return ids.length;
    }

    public int get(int index) {
        return ids[index];
    }

    public int[] toArray() {
        return ids.clone();
    }

    /// Ids `[from, to)`, little-endian.
    ///
    /// @param width bytes per id: 2 (unsigned) or 4
    public byte[] toBytes(int from, int to, int width) {
        ByteBuffer bytes = ByteBuffer.allocate((to - from) * width).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = from; i < to; i++) {
            if (width == 2) {
                bytes.putShort((short) ids[i]);
            } else {
                bytes.putInt(ids[i]);
            }
        }
        return bytes.array();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Tokens tokens && Arrays.equals(ids, tokens.ids);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(ids);
    }
}
