package dev.dyadic.deploy.commands.process;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/// What gRPC's buffers may take outside of the heap. By itself Netty takes as much again as the heap has, and a
/// container
/// that has less than both is killed: a third of what is left beside the heap is for buffers, and the rest for threads,
/// code and classes.
public final class NativeMemory {
    private static final String PROPERTY = "io.netty.maxDirectMemory";
    private static final int BUFFERS_PART = 3;
    private static final long LEAST_BYTES = 32L << 20;

    private NativeMemory() {}

    /// To be called before the first buffer is made; what the user has set stays.
    public static void bound() {
        if (System.getProperty(PROPERTY) == null
                && ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system) {
            System.setProperty(
                    PROPERTY,
                    Long.toString(bufferBytes(
                            system.getTotalMemorySize(), Runtime.getRuntime().maxMemory())));
        }
    }

    /// @param totalBytes of the machine, or the container
    static long bufferBytes(long totalBytes, long heapBytes) {
        return Math.clamp((totalBytes - heapBytes) / BUFFERS_PART, LEAST_BYTES, Math.max(LEAST_BYTES, heapBytes));
    }
}
