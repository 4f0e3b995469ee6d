package dev.dyadic.sampler.client;

import dev.dyadic.proto.InvalidException;
import dev.dyadic.v1.SamplerProto.Batch;
import dev.dyadic.v1.SamplerProto.GetBatchRequest;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.LongFunction;

/// Fetches the steps to come while earlier ones are used. Owned by one thread.
public final class BatchPrefetcher implements AutoCloseable {
    private static final long EAGER_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final SamplerClient client;
    private final LongFunction<GetBatchRequest> request;
    private final int depth;
    private final long endStep;
    private final ExecutorService executor = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("dyadic-prefetch-", 0).factory());
    private final Deque<InFlight> inFlight = new ConcurrentLinkedDeque<>();
    private long nextStep;
    private long waitedNanos;

    private record InFlight(long step, CompletableFuture<Batch> batch) {}

    /// @param request for a step
    /// @param depth batches in flight or waiting to be used
    /// @param endStep no step from here on is asked for
    public BatchPrefetcher(
            SamplerClient client, LongFunction<GetBatchRequest> request, long firstStep, long endStep, int depth) {
        if (depth < 1) {
            throw new InvalidException("prefetch must be at least 1, but was " + depth);
        }
        this.client = client;
        this.request = request;
        this.nextStep = firstStep;
        this.endStep = endStep;
        this.depth = depth;
    }

    /// The next batch, in order.
    ///
    /// @throws SamplerClientException OUT_OF_RANGE after the last step of a bounded run
    public Batch next() {
        while (inFlight.size() < depth && nextStep < endStep) {
            long step = nextStep++;
            inFlight.add(new InFlight(
                    step, CompletableFuture.supplyAsync(() -> client.getBatch(request.apply(step)), executor)));
        }
        InFlight first = inFlight.peek();
        if (first == null) {
            throw new IllegalStateException("all steps below " + endStep + " were taken");
        }
        long before = System.nanoTime();
        try {
            return first.batch().join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof SamplerClientException cause) {
                boolean wasWaitedFor = System.nanoTime() - before > EAGER_NANOS;
                if (!SamplerClient.isRetriable(cause.code()) || wasWaitedFor) {
                    throw cause;
                }
                // It gave up while earlier steps were used; the time to wait for this one starts now.
                return client.getBatch(request.apply(first.step()));
            }
            throw e;
        } finally {
            inFlight.remove(first);
            waitedNanos += System.nanoTime() - before;
        }
    }

    /// How long [#next] has waited in all.
    public long waitedNanos() {
        return waitedNanos;
    }

    /// Makes a waiting [#next] fail with [java.util.concurrent.CancellationException]. Callable from any thread.
    @Override
    public void close() {
        inFlight.forEach(waiting -> waiting.batch().cancel(true));
        executor.shutdownNow();
    }
}
