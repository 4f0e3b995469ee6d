package dev.dyadic.decomposer.tokenize.bpe;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// The ids of short pieces that were seen lately: one place for each hash, which the last comer takes. Pieces of up to
/// 7
/// bytes, which most are, have a table of their own, whose entries are half as large, so that it stays near the
/// processor. Not safe for use by several threads.
final class PieceCache {
    static final int MAX_BYTES = 15;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int WORD = 7;
    /// An entry is the bytes with their number in the topmost one, and the ids.
    private static final int SHORT_BITS = 15;
    /// An entry is eight bytes, the others with their number in the topmost one, and two words of ids.
    private static final int LONG_BITS = 14;
    private static final int ID_BITS = 20;
    private static final int ID_MASK = (1 << ID_BITS) - 1;
    private static final int IDS_PER_WORD = 3;
    private static final int COUNT_SHIFT = 3 * ID_BITS;
    private static final long MIX = 0x9E3779B97F4A7C15L;

    private final long[] shorts = new long[2 << SHORT_BITS];
    private final long[] longs = new long[4 << LONG_BITS];
    private long low;
    private long high;
    private int entry;

    /// Puts the ids of the piece at their place, where there is room for [#MAX_BYTES].
    ///
    /// @return how many there are; 0: the piece is not known, and [#keep] is to be told
    int find(byte[] text, int from, int to, int[] ids, int at) {
        int length = to - from;
        if (length > WORD) {
            return findLong(text, from, length, ids, at);
        }
        long key = bytes(text, from, length) | ((long) length << 56);
        int place = (int) ((key * MIX) >>> (Long.SIZE - SHORT_BITS)) << 1;
        if (shorts[place] != key) {
            low = key;
            high = 0;
            entry = place;
            return 0;
        }
        return put(shorts[place + 1], ids, at);
    }

    private int findLong(byte[] text, int from, int length, int[] ids, int at) {
        low = bytes(text, from, Long.BYTES);
        high = bytes(text, from + Long.BYTES, length - Long.BYTES) | ((long) length << 56);
        entry = (int) (((low ^ (high * MIX)) * MIX) >>> (Long.SIZE - LONG_BITS)) << 2;
        if (longs[entry] != low || longs[entry + 1] != high) {
            return 0;
        }
        int count = put(longs[entry + 2], ids, at);
        if (count == IDS_PER_WORD) {
            count += put(longs[entry + 3], ids, at + IDS_PER_WORD);
        }
        return count;
    }

    /// Keeps the ids `[from, to)` of the piece that was not found last, if there is room for so many.
    void keep(int[] ids, int from, int to) {
        boolean isShort = high == 0;
        if (to - from > (isShort ? IDS_PER_WORD : 2 * IDS_PER_WORD)) {
            return;
        }
        for (int i = from; i < to; i++) {
            if (ids[i] > ID_MASK) {
                return;
            }
        }
        int middle = Math.min(to, from + IDS_PER_WORD);
        if (isShort) {
            shorts[entry] = low;
            shorts[entry + 1] = packed(ids, from, to);
        } else {
            longs[entry] = low;
            longs[entry + 1] = high;
            longs[entry + 2] = packed(ids, from, middle);
            longs[entry + 3] = packed(ids, middle, to);
        }
    }

    private static int put(long packed, int[] ids, int at) {
        ids[at] = (int) packed & ID_MASK;
        ids[at + 1] = (int) (packed >>> ID_BITS) & ID_MASK;
        ids[at + 2] = (int) (packed >>> (2 * ID_BITS)) & ID_MASK;
        return (int) (packed >>> COUNT_SHIFT);
    }

    private static long packed(int[] ids, int from, int to) {
        long packed = (long) (to - from) << COUNT_SHIFT;
        for (int i = from; i < to; i++) {
            packed |= (long) ids[i] << (ID_BITS * (i - from));
        }
        return packed;
    }

    /// Up to eight bytes, the first the lowest.
    private static long bytes(byte[] text, int from, int length) {
        if (length == 0) {
            return 0;
        }
        if (from + Long.BYTES <= text.length) {
            return (long) LONG.get(text, from) & (-1L >>> (Long.SIZE - 8 * length));
        }
        long bytes = 0;
        for (int i = 0; i < length; i++) {
            bytes |= (text[from + i] & 0xFFL) << (8 * i);
        }
        return bytes;
    }
}
