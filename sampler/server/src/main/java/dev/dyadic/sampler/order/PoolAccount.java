package dev.dyadic.sampler.order;

/// Rows of a pool in a run, by the newest manifest: law 1, admitted = dealt + pending + shed. For bounded runs, those
/// of one pass.
///
/// @param dealt rows that cycles deal; what a fork skips is among them
public record PoolAccount(PoolKey pool, long admitted, long dealt, long pending, long shed) {
    static PoolAccount ofLive(PoolKey pool, long admitted, long head, long shed) {
        return new PoolAccount(pool, admitted, head - shed, admitted - head, shed);
    }

    /// @param taken rows that a pass takes; it leaves out the rest
    static PoolAccount ofBounded(PoolKey pool, long admitted, long taken) {
        return new PoolAccount(pool, admitted, taken, 0, admitted - taken);
    }

    /// Law 1: every admitted row is dealt, pending or shed, and no count is below 0.
    public boolean isConserved() {
        return admitted == dealt + pending + shed && dealt >= 0 && pending >= 0 && shed >= 0;
    }
}
