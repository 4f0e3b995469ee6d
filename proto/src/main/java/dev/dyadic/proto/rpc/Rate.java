package dev.dyadic.proto.rpc;

import java.util.concurrent.TimeUnit;

/// A number of things a second, and ten seconds' worth of them at once after a quiet time. Safe for use by many
/// threads.
final class Rate {
    private static final int BURST_SECONDS = 10;

    private final long nanosOfOne;
    private final long most;
    private long filledNanos;
    private long left;

    Rate(int perSecond, long nowNanos) {
        this.nanosOfOne = TimeUnit.SECONDS.toNanos(1) / perSecond;
        this.most = (long) perSecond * BURST_SECONDS;
        this.filledNanos = nowNanos;
        this.left = most;
    }

    synchronized boolean take(long nowNanos) {
        long grown = (nowNanos - filledNanos) / nanosOfOne;
        left = Math.min(most, left + grown);
        filledNanos += grown * nanosOfOne;
        if (left == 0) {
            return false;
        }
        left--;
        return true;
    }
}
