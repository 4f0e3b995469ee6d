package dev.dyadic.sampler.serve;

import com.google.common.util.concurrent.MoreExecutors;
import dev.dyadic.proto.DyadicException;
import io.grpc.Context;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Does what may have to wait for Kafka on a thread of its own, so that the caller has an answer in time whatever Kafka
/// does. The thread is interrupted when the time is over, or when the caller has gone.
final class TimedWork {
    /// Work looks at the deadline itself, and then says what it waits for: it is given a moment to do so.
    private static final long GRACE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private TimedWork() {}

    /// @param onPlatformThread for work that computes for long: it takes no carrier thread from others then
    /// @param deadlineNanos on the clock of [System#nanoTime]
    static <T> T within(long deadlineNanos, boolean onPlatformThread, Callable<T> work) throws InterruptedException {
        Context context = Context.current();
        FutureTask<T> task = new FutureTask<>(context.wrap(work));
        Thread worker = (onPlatformThread ? Thread.ofPlatform().daemon() : Thread.ofVirtual())
                .name("dyadic-call")
                .unstarted(task);
        Context.CancellationListener interrupt = _ -> worker.interrupt();
        worker.start();
        context.addListener(interrupt, MoreExecutors.directExecutor());
        try {
            long left = deadlineNanos + GRACE_NANOS - System.nanoTime();
            return task.get(Math.max(0, left), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new DyadicException(
                    DyadicException.Kind.NOT_READY,
                    "the call's time is over: Kafka does not answer, or this sampler has too much to do; try again, and"
                            + " look first (run describe) where you asked for a change: it may be made",
                    e);
        } catch (ExecutionException e) {
            Throwable cause = Objects.requireNonNull(e.getCause());
            switch (cause) {
                case RuntimeException failure -> throw failure;
                case InterruptedException gone -> throw gone;
                case Error failure -> throw failure;
                default -> throw new IllegalStateException("a call failed", cause);
            }
        } finally {
            context.removeListener(interrupt);
            worker.interrupt();
        }
    }
}
