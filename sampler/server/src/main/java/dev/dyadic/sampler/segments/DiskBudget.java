package dev.dyadic.sampler.segments;

import dev.dyadic.proto.InvalidException;
import java.util.concurrent.atomic.AtomicLong;

/// How many bytes of rows are on this disk, and how many may be.
public final class DiskBudget {
    private final long limitBytes;
    private final AtomicLong usedBytes = new AtomicLong();

    /// @param limitBytes 0: none
    public DiskBudget(long limitBytes) {
        if (limitBytes < 0) {
            throw new InvalidException("max-disk-bytes must be at least 0, but was " + limitBytes);
        }
        this.limitBytes = limitBytes;
    }

    void add(long bytes) {
        usedBytes.addAndGet(bytes);
    }

    public long usedBytes() {
        return usedBytes.get();
    }

    public long limitBytes() {
        return limitBytes;
    }

    /// Whether nothing more should be written.
    public boolean isSpent() {
        return limitBytes > 0 && usedBytes.get() >= limitBytes;
    }
}
