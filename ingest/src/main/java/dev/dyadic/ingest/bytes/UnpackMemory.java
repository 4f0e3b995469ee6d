package dev.dyadic.ingest.bytes;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/// What unpacking may take of this process's memory: whoever packs a file decides how much is needed for it.
final class UnpackMemory {
    private static final long MOST_BYTES = 512L << 20;
    /// What the decoder has beside its window.
    private static final long BESIDE_BYTES = 8L << 20;
    /// `zstd -19`, and whatever less asks for.
    private static final int LEAST_WINDOW_LOG = 23;

    private UnpackMemory() {}

    /// Of xz, whose decoder has its window on the heap: half of that, and at most 520 MiB.
    static int xzKibibytes() {
        return (int) (heapBytes(Runtime.getRuntime().maxMemory()) >> 10);
    }

    static long heapBytes(long maxHeapBytes) {
        return Math.min(MOST_BYTES + BESIDE_BYTES, maxHeapBytes / 2 + BESIDE_BYTES);
    }

    /// The largest window of a Zstandard frame, whose decoder has it outside of the heap: half of what the machine, or
    /// the container, has beside the heap, from 8 to 512 MiB.
    static int zstdWindowLog() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                ? windowLog(system.getTotalMemorySize() - Runtime.getRuntime().maxMemory())
                : windowLog(MOST_BYTES);
    }

    static int windowLog(long besideHeapBytes) {
        long bytes = Math.clamp(besideHeapBytes / 2, 1L << LEAST_WINDOW_LOG, MOST_BYTES);
        return Long.SIZE - 1 - Long.numberOfLeadingZeros(bytes);
    }
}
