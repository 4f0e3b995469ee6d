package dev.dyadic.deploy.audit;

import java.util.Arrays;

/// Records of a few numbers each, in the order in which they were added.
final class SpilledRecords {
    private final Spill spill;
    private final int width;
    private final int perBlock;
    private int[] blocks = {};
    private long count;

    /// @param width numbers of a record, which divides [Spill#BLOCK_LONGS]
    SpilledRecords(Spill spill, int width) {
        if (Spill.BLOCK_LONGS % width != 0) {
            throw new IllegalArgumentException("no whole number of records of " + width + " fits a block");
        }
        this.spill = spill;
        this.width = width;
        this.perBlock = Spill.BLOCK_LONGS / width;
    }

    /// Adds a record, whose numbers are to be set.
    ///
    /// @return its number
    long add() {
        int block = (int) (count / perBlock);
        if (count % perBlock == 0) {
            if (block == blocks.length) {
                blocks = Arrays.copyOf(blocks, Math.max(4, blocks.length * 2));
            }
            blocks[block] = spill.allocate();
        }
        return count++;
    }

    long count() {
        return count;
    }

    long get(long record, int field) {
        return spill.get(blocks[(int) (record / perBlock)], index(record, field));
    }

    void set(long record, int field, long value) {
        spill.set(blocks[(int) (record / perBlock)], index(record, field), value);
    }

    private int index(long record, int field) {
        return (int) (record % perBlock) * width + field;
    }
}
