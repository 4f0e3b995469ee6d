package dev.dyadic.decomposer.tokenize;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;

/// Token ids of one document. Never changes.
public final class Tokens {
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);

    private final int[] ids;
    private final int length;

    private Tokens(int[] ids, int length) {
        this.ids = ids;
        this.length = length;
    }

    /// The first ids of the array. Takes it over: the caller does not change it afterwards.
    static Tokens wrap(int[] ids, int length) {
        return new Tokens(ids, length);
    }

    public static Tokens of(int... ids) {
        return new Tokens(ids.clone(), ids.length);
    }

    public int length() {
        return length;
    }

    public int get(int index) {
        return ids[Objects.checkIndex(index, length)];
    }

    public int[] toArray() {
        return Arrays.copyOf(ids, length);
    }

    /// Ids `[from, to)`.
    public Tokens range(int from, int to) {
        Objects.checkFromToIndex(from, to, length);
        return to - from == length ? this : new Tokens(Arrays.copyOfRange(ids, from, to), to - from);
    }

    /// Ids `[from, to)`, little-endian.
    ///
    /// @param width bytes per id: 2 (unsigned) or 4
    public byte[] toBytes(int from, int to, int width) {
        Objects.checkFromToIndex(from, to, length);
        byte[] bytes = new byte[(to - from) * width];
        if (width == Short.BYTES) {
            for (int i = from; i < to; i++) {
                SHORT.set(bytes, (i - from) * Short.BYTES, (short) ids[i]);
            }
        } else {
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().put(ids, from, to - from);
        }
        return bytes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Tokens tokens && Arrays.equals(ids, 0, length, tokens.ids, 0, tokens.length);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(toArray());
    }
}
