package dev.dyadic.deploy.commands.process;

import dev.dyadic.proto.InvalidException;

/// The heap below which a command does not start, because what it may be sent would not fit. A heap that is larger
/// bounds
/// what goes on at once, see the limits in docs/how-to/secure.md.
public enum LeastHeap {
    /// A document of the largest size, packed as its sender likes, and what Kafka's producer holds.
    INGEST(128),
    /// A document of the largest size for each thread, its tokens, and what is sent of it.
    DECOMPOSE(192),
    SAMPLE(96);

    /// What Java takes for itself of a heap of the least size, so that it gives a little less.
    private static final int TOLERANCE_MEBIBYTES = 8;

    private final int mebibytes;

    LeastHeap(int mebibytes) {
        this.mebibytes = mebibytes;
    }

    public long bytes() {
        return (long) mebibytes << 20;
    }

    public void require() {
        require(Runtime.getRuntime().maxMemory());
    }

    void require(long heapBytes) {
        if (heapBytes < (long) (mebibytes - TOLERANCE_MEBIBYTES) << 20) {
            throw new InvalidException("this command needs a heap of at least " + mebibytes + " MiB, but has "
                    + (heapBytes >> 20) + ": give it more with DYADIC_JAVA_OPTS=-Xmx" + mebibytes
                    + "m, or where it runs in a container, give that more memory");
        }
    }
}
