package dev.dyadic.sampler.serve;

import dev.dyadic.proto.rpc.StreamReset;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// Answers that were given and have not left: their clients do not read, or read too slowly. After a time, and a second
/// more for each mebibyte, they are dropped, with the share that their calls have. A thread looks every second. Safe
/// for use by many threads.
final class UnreadAnswers {
    private static final double SLOWEST_BYTES_A_SECOND = 1 << 20;

    private final long maxUnreadNanos;
    private final Map<CallBudget.Share, Answer> answers = new ConcurrentHashMap<>();

    private record Answer(StreamReset reset, long endNanos) {}

    UnreadAnswers(long maxUnreadMillis) {
        this.maxUnreadNanos = TimeUnit.MILLISECONDS.toNanos(maxUnreadMillis);
    }

    /// Looks until the thread is interrupted.
    Thread start() {
        return Thread.ofVirtual().name("dyadic-unread").start(() -> {
            try {
                while (true) {
                    TimeUnit.SECONDS.sleep(1);
                    look(System.nanoTime());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /// The whole answer of a call is on its way.
    void given(CallBudget.Share share, StreamReset reset) {
        answers.put(share, new Answer(reset, System.nanoTime() + maxUnreadNanos + transferNanos(share)));
    }

    /// What the bytes of a call may take on a slow line.
    static long transferNanos(CallBudget.Share share) {
        return (long) (share.bytes() * (double) TimeUnit.SECONDS.toNanos(1) / SLOWEST_BYTES_A_SECOND);
    }

    /// The last byte has left, or never will.
    void left(CallBudget.Share share) {
        answers.remove(share);
    }

    void look(long nowNanos) {
        answers.forEach((share, answer) -> {
            if (nowNanos - answer.endNanos() > 0) {
                answers.remove(share);
                answer.reset().reset();
            }
        });
    }
}
