package dev.dyadic.sampler.client;

import dev.dyadic.proto.InvalidException;
import dev.dyadic.v1.SamplerProto.Batch;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;

/// Fetches the steps to come while earlier ones are used. One thread takes batches with [#next]; any thread may close
/// it, and then every call of [#next], one that waits included, ends with a [CancellationException]. All fetching is
/// done by threads of its own, so that a close never has to wait for a call.
public final class BatchPrefetcher implements AutoCloseable {
    private static final long EAGER_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final LongFunction<Batch> fetch;
    private final int depth;
    private final long endStep;
    private final ExecutorService executor = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("dyadic-prefetch-", 0).factory());
    /// Guarded by itself, as is `closed`.
    private final Deque<InFlight> inFlight = new ArrayDeque<>();

    private boolean closed;
    private long nextStep;
    private long waitedNanos;

    private record InFlight(long step, CompletableFuture<Batch> batch) {}

    /// @param fetch gives a step's batch, or throws a [SamplerClientException]
    /// @param depth batches in flight or waiting to be used
    /// @param endStep no step from here on is asked for
    public BatchPrefetcher(LongFunction<Batch> fetch, long firstStep, long endStep, int depth) {
        if (depth < 1) {
            throw new InvalidException("prefetch must be at least 1, but was " + depth);
        }
        this.fetch = fetch;
        this.nextStep = firstStep;
        this.endStep = endStep;
        this.depth = depth;
    }

    /// The next batch, in order.
    ///
    /// @throws SamplerClientException OUT_OF_RANGE after the last step of a bounded run
    /// @throws CancellationException once this is closed
    public Batch next() {
        InFlight first = first();
        long before = System.nanoTime();
        try {
            return first.batch().join();
        } catch (CompletionException e) {
            if (!(e.getCause() instanceof SamplerClientException failure)) {
                throw e;
            }
            boolean wasWaitedFor = System.nanoTime() - before > EAGER_NANOS;
            if (!SamplerClient.isRetriable(failure.code()) || wasWaitedFor) {
                throw failure;
            }
            // It gave up while earlier steps were used; the time to wait for this one starts now.
            return again(first);
        } finally {
            remove(first.step());
            waitedNanos += System.nanoTime() - before;
        }
    }

    /// How long [#next] has waited in all.
    public long waitedNanos() {
        return waitedNanos;
    }

    @Override
    public void close() {
        synchronized (inFlight) {
            closed = true;
            inFlight.forEach(waiting -> waiting.batch().cancel(true));
        }
        executor.shutdownNow();
    }

    private InFlight first() {
        synchronized (inFlight) {
            requireOpen();
            while (inFlight.size() < depth && nextStep < endStep) {
                inFlight.add(begin(nextStep));
                nextStep++;
            }
            InFlight first = inFlight.peek();
            if (first == null) {
                throw new IllegalStateException("all steps below " + endStep + " were taken");
            }
            return first;
        }
    }

    private Batch again(InFlight failed) {
        InFlight again;
        synchronized (inFlight) {
            again = begin(failed.step());
            inFlight.remove(failed);
            inFlight.addFirst(again);
        }
        try {
            return again.batch().join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof SamplerClientException failure ? failure : e;
        }
    }

    /// Holds the lock: a step is either begun before the close, and cancelled by it, or not begun at all.
    private InFlight begin(long step) {
        requireOpen();
        return new InFlight(step, CompletableFuture.supplyAsync(() -> fetch.apply(step), executor));
    }

    private void requireOpen() {
        if (closed) {
            throw new CancellationException("the prefetcher is closed");
        }
    }

    private void remove(long step) {
        synchronized (inFlight) {
            inFlight.removeIf(waiting -> waiting.step() == step);
        }
    }
}
