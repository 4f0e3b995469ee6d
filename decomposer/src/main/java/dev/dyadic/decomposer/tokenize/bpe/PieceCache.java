package dev.dyadic.decomposer.tokenize.bpe;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// The ids of short pieces that were seen lately: one place for each hash, which the last comer takes. Not safe for use
/// by several threads.
final class PieceCache {
    static final int MAX_BYTES = 15;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int PLACES = 1 << 16;
    /// Two words of bytes, the length in the topmost one; two words of ids.
    private static final int WORDS = 4;
    private static final int ID_BITS = 20;
    private static final int ID_MASK = (1 << ID_BITS) - 1;
    private static final int MAX_IDS = 6;
    private static final int IDS_PER_WORD = 3;

    private final long[] entries = new long[PLACES * WORDS];
    private long low;
    private long high;
    private int entry;

    /// Puts the ids of the piece at their place.
    ///
    /// @return how many there are; 0: the piece is not known, and [#keep] is to be told
    int find(byte[] text, int from, int to, int[] ids, int at) {
        load(text, from, to);
        long mixed = (low ^ high * 0x9E3779B97F4A7C15L) * 0xC2B2AE3D27D4EB4FL;
        entry = (int) (mixed >>> 48) * WORDS;
        if (entries[entry] != low || entries[entry + 1] != high) {
            return 0;
        }
        long value = entries[entry + 2];
        int count = (int) (value >>> (3 * ID_BITS));
        ids[at] = (int) value & ID_MASK;
        if (count > 1) {
            ids[at + 1] = (int) (value >>> ID_BITS) & ID_MASK;
            if (count > 2) {
                ids[at + 2] = (int) (value >>> (2 * ID_BITS)) & ID_MASK;
                long more = entries[entry + 3];
                for (int i = IDS_PER_WORD; i < count; i++) {
                    ids[at + i] = (int) more & ID_MASK;
                    more >>>= ID_BITS;
                }
            }
        }
        return count;
    }

    /// Keeps the ids `[from, to)` of the piece that was not found last, if there is room for so many.
    void keep(int[] ids, int from, int to) {
        int count = to - from;
        if (count > MAX_IDS) {
            return;
        }
        long first = (long) count << (3 * ID_BITS);
        long second = 0;
        for (int i = 0; i < count; i++) {
            long id = ids[from + i];
            if (id > ID_MASK) {
                return;
            }
            if (i < IDS_PER_WORD) {
                first |= id << (ID_BITS * i);
            } else {
                second |= id << (ID_BITS * (i - IDS_PER_WORD));
            }
        }
        entries[entry] = low;
        entries[entry + 1] = high;
        entries[entry + 2] = first;
        entries[entry + 3] = second;
    }

    private void load(byte[] text, int from, int to) {
        int length = to - from;
        long length8 = (long) length << 56;
        if (from + 16 <= text.length) {
            long first = (long) LONG.get(text, from);
            if (length <= 8) {
                low = length == 8 ? first : first & ((1L << (8 * length)) - 1);
                high = length8;
            } else {
                low = first;
                high = ((long) LONG.get(text, from + 8) & ((1L << (8 * (length - 8))) - 1)) | length8;
            }
            return;
        }
        low = 0;
        high = length8;
        for (int i = 0; i < length; i++) {
            long unit = text[from + i] & 0xFFL;
            if (i < 8) {
                low |= unit << (8 * i);
            } else {
                high |= unit << (8 * (i - 8));
            }
        }
    }
}
