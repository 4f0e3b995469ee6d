package dev.dyadic.sampler.serve;

import dev.dyadic.proto.rpc.StreamReset;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// Answers that were given and have not left: their clients do not read, or read too slowly. After a time, and a second
/// more for each mebibyte, they are dropped, with the share that their calls have. A thread looks every second. Safe
/// for use by many threads.
final class UnreadAnswers {
    private static final long SLOWEST_BYTES_A_SECOND = 1 << 20;

    private final long maxUnreadMillis;
    private final Map<CallBudget.Share, Answer> answers = new ConcurrentHashMap<>();

    private record Answer(StreamReset reset, long endNanos) {}

    UnreadAnswers(long maxUnreadMillis) {
        this.maxUnreadMillis = maxUnreadMillis;
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
        answers.put(
                share,
                new Answer(
                        reset,
                        System.nanoTime() + patience(share, maxUnreadMillis).toNanos()));
    }

    /// How long an answer is waited for: what its bytes may take on a slow line is added.
    static Duration patience(CallBudget.Share share, long maxUnreadMillis) {
        return Duration.ofMillis(maxUnreadMillis + share.bytes() * 1000 / SLOWEST_BYTES_A_SECOND);
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
