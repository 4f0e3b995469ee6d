package dev.dyadic.proto;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Characters of UTF-8. But for [#firstInvalid], the bytes have to be valid.
public final class Utf8 {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long HIGH_BITS = 0x8080808080808080L;

    private Utf8() {}

    /// Bytes of the character that begins with this byte.
    public static int length(int first) {
        return first >= 0 ? 1 : (first & 0xE0) == 0xC0 ? 2 : (first & 0xF0) == 0xE0 ? 3 : 4;
    }

    /// Bytes that a code point takes.
    public static int lengthOf(int codePoint) {
        return codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
    }

    /// The code point that begins here.
    public static int at(byte[] text, int at) {
        int first = text[at];
        if (first >= 0) {
            return first;
        }
        if ((first & 0xE0) == 0xC0) {
            return ((first & 0x1F) << 6) | (text[at + 1] & 0x3F);
        }
        if ((first & 0xF0) == 0xE0) {
            return ((first & 0x0F) << 12) | ((text[at + 1] & 0x3F) << 6) | (text[at + 2] & 0x3F);
        }
        return ((first & 0x07) << 18)
                | ((text[at + 1] & 0x3F) << 12)
                | ((text[at + 2] & 0x3F) << 6)
                | (text[at + 3] & 0x3F);
    }

    /// Where the character before this place begins.
    public static int before(byte[] text, int at) {
        int begin = at - 1;
        while ((text[begin] & 0xC0) == 0x80) {
            begin--;
        }
        return begin;
    }

    /// Puts a code point at this place.
    ///
    /// @return the place after it
    public static int put(byte[] to, int at, int codePoint) {
        if (codePoint < 0x80) {
            to[at] = (byte) codePoint;
            return at + 1;
        }
        if (codePoint < 0x800) {
            to[at] = (byte) (0xC0 | (codePoint >> 6));
            to[at + 1] = (byte) (0x80 | (codePoint & 0x3F));
            return at + 2;
        }
        if (codePoint < 0x10000) {
            to[at] = (byte) (0xE0 | (codePoint >> 12));
            to[at + 1] = (byte) (0x80 | ((codePoint >> 6) & 0x3F));
            to[at + 2] = (byte) (0x80 | (codePoint & 0x3F));
            return at + 3;
        }
        to[at] = (byte) (0xF0 | (codePoint >> 18));
        to[at + 1] = (byte) (0x80 | ((codePoint >> 12) & 0x3F));
        to[at + 2] = (byte) (0x80 | ((codePoint >> 6) & 0x3F));
        to[at + 3] = (byte) (0x80 | (codePoint & 0x3F));
        return at + 4;
    }

    /// Where the first byte lies that is not part of valid UTF-8 (Unicode 16, table 3-7), or -1.
    public static int firstInvalid(byte[] text, int from, int to) {
        int at = from;
        while (at < to) {
            if (text[at] >= 0) {
                at++;
                while (at + Long.BYTES <= to && ((long) LONG.get(text, at) & HIGH_BITS) == 0) {
                    at += Long.BYTES;
                }
                continue;
            }
            int length = validLength(text, at, to);
            if (length == 0) {
                return at;
            }
            at += length;
        }
        return -1;
    }

    private static int validLength(byte[] text, int at, int to) {
        int first = text[at] & 0xFF;
        if (first < 0xC2 || first > 0xF4) {
            return 0;
        }
        int length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
        if (at + length > to) {
            return 0;
        }
        int second = text[at + 1] & 0xFF;
        int least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
        int most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
        if (second < least || second > most) {
            return 0;
        }
        for (int i = 2; i < length; i++) {
            if ((text[at + i] & 0xC0) != 0x80) {
                return 0;
            }
        }
        return length;
    }
}
