package dev.dyadic.decomposer.tokenize.bpe;

import dev.dyadic.proto.InvalidException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Byte strings and their numbers, in a double array: the child of a node by a byte lies at the node's base XOR the
/// byte, if the cell there names the node as its parent. One word has all that there is to know of a node, as it is
/// seldom near the processor. Never changes.
public final class Trie {
    private static final int ROOT = 0;
    private static final int BLOCK = 256;
    private static final int MAX_TRIES = 32;

    /// A cell has, from the topmost bit on: the parent, the base, and the number plus one.
    private static final int PARENT_BITS = 22;
    private static final int NUMBER_BITS = Long.SIZE - 2 * PARENT_BITS;
    private static final int PARENT_SHIFT = Long.SIZE - PARENT_BITS;
    private static final int MAX_CELLS = (1 << PARENT_BITS) - 2;
    private static final int MAX_NUMBER = (1 << NUMBER_BITS) - 2;
    private static final long BASE_MASK = (1L << PARENT_BITS) - 1;
    private static final long NUMBER_MASK = (1L << NUMBER_BITS) - 1;
    private static final long EMPTY = -1L << PARENT_SHIFT;
    private static final long NO_PARENT = -2L << PARENT_SHIFT;

    private long[] cells = new long[BLOCK];

    /// @param strings their index is their number; null and empty ones are left out; of equal ones the first counts
    /// @throws InvalidException where there are more than a million, or too many bytes in them
    public Trie(byte[] @Nullable [] strings) {
        if (strings.length > MAX_NUMBER) {
            throw tooLarge("at most " + MAX_NUMBER + " tokens, but there are " + strings.length);
        }
        new Builder(strings).build();
    }

    /// The number of the longest string that the text has at `from`, or -1.
    public int longest(byte[] text, int from, int to) {
        long found = 0;
        int node = ROOT;
        long cell = cells[ROOT];
        for (int at = from; at < to; at++) {
            int child = base(cell) ^ (text[at] & 0xFF);
            cell = cells[child];
            if (cell >>> PARENT_SHIFT != node) {
                break;
            }
            node = child;
            if ((cell & NUMBER_MASK) != 0) {
                found = cell;
            }
        }
        return number(found);
    }

    /// The number of the string that `[from, to)` is, or -1.
    public int find(byte[] text, int from, int to) {
        int node = ROOT;
        long cell = cells[ROOT];
        for (int at = from; at < to; at++) {
            int child = base(cell) ^ (text[at] & 0xFF);
            cell = cells[child];
            if (cell >>> PARENT_SHIFT != node) {
                return -1;
            }
            node = child;
        }
        return number(cell);
    }

    private static int base(long cell) {
        return (int) ((cell >>> NUMBER_BITS) & BASE_MASK);
    }

    private static int number(long cell) {
        return (int) (cell & NUMBER_MASK) - 1;
    }

    private static InvalidException tooLarge(String problem) {
        return new InvalidException("a vocabulary must have " + problem);
    }

    private static final class Numbered {
        private final byte[] string;
        private final int number;

        Numbered(byte[] string, int number) {
            this.string = string;
            this.number = number;
        }
    }

    private final class Builder {
        private final byte[][] sorted;
        private final int[] order;
        /// The next free cell behind each free cell; a cell that is taken has -1.
        private int[] nextFree = new int[BLOCK];
        private int[] previousFree = new int[BLOCK];
        private int firstFree;
        private int lastFree;
        /// Behind the last cell that is in use or free.
        private int end = BLOCK;

        Builder(byte[] @Nullable [] strings) {
            List<Numbered> present = new ArrayList<>();
            for (int number = 0; number < strings.length; number++) {
                byte[] string = strings[number];
                if (string != null && string.length > 0) {
                    present.add(new Numbered(string, number));
                }
            }
            present.sort((a, b) -> Arrays.compareUnsigned(a.string, b.string));
            sorted = present.stream().map(one -> one.string).toArray(byte[][]::new);
            order = present.stream().mapToInt(one -> one.number).toArray();
        }

        void build() {
            Arrays.fill(cells, EMPTY);
            link(0, BLOCK, -1);
            take(ROOT);
            cells[ROOT] = NO_PARENT;
            if (sorted.length > 0) {
                children(ROOT, 0, sorted.length, 0);
            }
            cells = Arrays.copyOf(cells, end);
        }

        /// The strings `[begin, end)` share their first `depth` bytes, which lead to the node.
        private void children(int node, int begin, int end, int depth) {
            int from = begin;
            if (sorted[from].length == depth) {
                cells[node] |= order[from] + 1L;
            }
            while (from < end && sorted[from].length == depth) {
                from++;
            }
            if (from == end) {
                return;
            }
            int[] labels = new int[BLOCK];
            int[] starts = new int[BLOCK + 1];
            int count = 0;
            for (int i = from; i < end; i++) {
                int label = sorted[i][depth] & 0xFF;
                if (count == 0 || labels[count - 1] != label) {
                    labels[count] = label;
                    starts[count] = i;
                    count++;
                }
            }
            starts[count] = end;
            int base = base(labels, count);
            cells[node] |= (long) base << NUMBER_BITS;
            for (int i = 0; i < count; i++) {
                int child = base ^ labels[i];
                take(child);
                cells[child] = (long) node << PARENT_SHIFT;
            }
            for (int i = 0; i < count; i++) {
                children(base ^ labels[i], starts[i], starts[i + 1], depth + 1);
            }
        }

        /// One child fits anywhere; several are tried where the last cells became free, as they are the least crowded.
        private int base(int[] labels, int count) {
            if (count == 1 && firstFree >= 0) {
                return firstFree ^ labels[0];
            }
            int tries = 0;
            for (int free = lastFree; free >= 0 && tries < MAX_TRIES; free = previousFree[free], tries++) {
                int base = free ^ labels[0];
                boolean fits = true;
                for (int i = 1; i < count && fits; i++) {
                    fits = cells[base ^ labels[i]] == EMPTY;
                }
                if (fits) {
                    return base;
                }
            }
            return addBlock();
        }

        /// @return the base of a new block, all of which is free
        private int addBlock() {
            int block = end;
            if (end + BLOCK > MAX_CELLS) {
                throw tooLarge("tokens of fewer bytes: they need more than " + MAX_CELLS + " nodes");
            }
            if (end == cells.length) {
                int capacity = 2 * end;
                cells = Arrays.copyOf(cells, capacity);
                Arrays.fill(cells, end, capacity, EMPTY);
                nextFree = Arrays.copyOf(nextFree, capacity);
                previousFree = Arrays.copyOf(previousFree, capacity);
            }
            end += BLOCK;
            link(block, end, lastFree);
            return block;
        }

        /// Puts the cells `[from, to)` behind a free one in the list of those that are free.
        private void link(int from, int to, int behind) {
            for (int cell = from; cell < to; cell++) {
                previousFree[cell] = cell == from ? behind : cell - 1;
                nextFree[cell] = cell + 1 < to ? cell + 1 : -1;
            }
            if (behind >= 0) {
                nextFree[behind] = from;
            } else {
                firstFree = from;
            }
            lastFree = to - 1;
        }

        private void take(int cell) {
            int next = nextFree[cell];
            int previous = previousFree[cell];
            if (previous >= 0) {
                nextFree[previous] = next;
            } else {
                firstFree = next;
            }
            if (next >= 0) {
                previousFree[next] = previous;
            } else {
                lastFree = previous;
            }
        }
    }
}
