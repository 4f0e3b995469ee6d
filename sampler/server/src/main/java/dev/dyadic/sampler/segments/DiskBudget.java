package dev.dyadic.sampler.segments;

import dev.dyadic.proto.InvalidException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/// How many bytes of rows are on this disk, how many may be, and whether it takes any more.
public final class DiskBudget {
    private final long limitBytes;
    private final AtomicLong usedBytes = new AtomicLong();
    private final Map<Thread, String> refusals = new ConcurrentHashMap<>();

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

    /// To be told by a thread that writes rows when the disk takes none.
    public void refused(String reason) {
        refusals.put(Thread.currentThread(), reason);
    }

    /// To be told by the same thread when the disk takes rows again.
    public void accepted() {
        refusals.remove(Thread.currentThread());
    }

    /// Why the disk takes no rows now; empty where it does.
    public Optional<String> refusal() {
        return refusals.values().stream().sorted().findFirst();
    }

    /// Whether nothing more should be written.
    public boolean isSpent() {
        return limitBytes > 0 && usedBytes.get() >= limitBytes;
    }
}
