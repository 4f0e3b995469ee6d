package dev.dyadic.ingest.format;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/// What the header of a Parquet page claims, read from Thrift's compact protocol: `PageHeader` of parquet.thrift.
///
/// The library makes room for whatever a page claims. So somebody has to look before.
///
/// @param headerBytes of the header itself
record PageHeader(int unpackedBytes, int packedBytes, int values, boolean isDictionary, int headerBytes) {
    /// Longest header that is read; statistics in it may be long.
    static final int MAX_BYTES = 1 << 20;

    private static final int MAX_DEPTH = 16;
    private static final int DICTIONARY_PAGE = 2;

    /// Reads the header at a buffer's position.
    static PageHeader read(ByteBuffer from) throws IOException {
        Reading reading = new Reading(from.duplicate());
        try {
            reading.struct(0, false);
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw new IOException("a page header is damaged", e);
        }
        int headerBytes = reading.from.position() - from.position();
        if (reading.unpacked < 0 || reading.packed < 0 || reading.values < 0) {
            throw new IOException("a page header is damaged: it claims less than nothing");
        }
        return new PageHeader(
                reading.unpacked, reading.packed, reading.values, reading.type == DICTIONARY_PAGE, headerBytes);
    }

    private static final class Reading {
        private final ByteBuffer from;
        private int type;
        private int unpacked;
        private int packed;
        private int values;

        Reading(ByteBuffer from) {
            this.from = from;
        }

        /// @param countsValues whether it is one of those whose first field is a number of values
        void struct(int depth, boolean countsValues) throws IOException {
            if (depth > MAX_DEPTH) {
                throw new IOException("a page header is damaged: it is nested too deeply");
            }
            int id = 0;
            for (int head = from.get(); head != 0; head = from.get()) {
                int delta = (head >> 4) & 0xF;
                id = delta == 0 ? (int) zigzag() : id + delta;
                int kind = head & 0xF;
                if (depth == 0 && kind == 5 && id <= 3) {
                    int number = (int) zigzag();
                    type = id == 1 ? number : type;
                    unpacked = id == 2 ? number : unpacked;
                    packed = id == 3 ? number : packed;
                } else if (depth == 1 && countsValues && kind == 5 && id == 1) {
                    values = (int) zigzag();
                } else {
                    // Of data pages, dictionaries and data pages of version 2.
                    value(kind, depth, depth == 0 && (id == 5 || id == 7 || id == 8));
                }
            }
        }

        private void value(int kind, int depth, boolean countsValues) throws IOException {
            switch (kind) {
                case 1, 2 -> {
                    // The kind is the value.
                }
                case 3 -> skip(1);
                case 4, 5, 6 -> zigzag();
                case 7 -> skip(Double.BYTES);
                case 8 -> skip(varint());
                case 9, 10 -> {
                    int head = from.get();
                    long size = ((head >> 4) & 0xF) == 0xF ? varint() : (head >> 4) & 0xF;
                    elements(size, head & 0xF, depth);
                }
                case 11 -> {
                    long size = varint();
                    int kinds = size == 0 ? 0 : from.get();
                    for (long i = 0; i < size; i++) {
                        elements(1, (kinds >> 4) & 0xF, depth);
                        elements(1, kinds & 0xF, depth);
                    }
                }
                case 12 -> struct(depth + 1, countsValues);
                default -> throw new IOException("a page header is damaged: it has a field of no known type");
            }
        }

        private void elements(long count, int kind, int depth) throws IOException {
            for (long i = 0; i < count; i++) {
                if (kind == 1 || kind == 2) {
                    skip(1);
                } else {
                    value(kind, depth + 1, false);
                }
            }
        }

        private void skip(long bytes) {
            from.position((int) Math.min(from.position() + bytes, Integer.MAX_VALUE));
        }

        private long zigzag() {
            long number = varint();
            return (number >>> 1) ^ -(number & 1);
        }

        private long varint() {
            long number = 0;
            for (int shift = 0; shift < Long.SIZE; shift += 7) {
                byte next = from.get();
                number |= (long) (next & 0x7F) << shift;
                if (next >= 0) {
                    return number;
                }
            }
            throw new IllegalArgumentException("a number of more than 64 bits");
        }
    }
}
