package dev.dyadic.sampler.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.v1.SamplerProto.Batch;
import io.grpc.Status;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

class BatchPrefetcherTest {
    private static final long SECONDS = 30;

    @Test
    void batchesComeInOrder() {
        try (BatchPrefetcher batches = new BatchPrefetcher(BatchPrefetcherTest::batch, 5, 9, 3)) {
            for (long step = 5; step < 9; step++) {
                assertThat(batches.next().getStep()).isEqualTo(step);
            }
            assertThatThrownBy(batches::next)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("all steps below 9 were taken");
        }
    }

    @Test
    void afterACloseNothingIsBegun() {
        BatchPrefetcher batches = new BatchPrefetcher(BatchPrefetcherTest::batch, 0, 9, 1);
        batches.next();

        batches.close();

        assertThatThrownBy(batches::next).isInstanceOf(CancellationException.class);
    }

    @Test
    void aCloseEndsAWait() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        BatchPrefetcher batches = new BatchPrefetcher(step -> forever(asked), 0, 9, 1);

        Throwable failure = failureOfNext(batches, asked);

        assertThat(failure).isInstanceOf(CancellationException.class);
    }

    @Test
    void aCloseEndsASecondTryToo() throws Exception {
        AtomicInteger tries = new AtomicInteger();
        CountDownLatch second = new CountDownLatch(1);
        BatchPrefetcher batches = new BatchPrefetcher(
                step -> {
                    if (tries.incrementAndGet() == 1) {
                        throw unavailable();
                    }
                    return forever(second);
                },
                0,
                9,
                1);

        Throwable failure = failureOfNext(batches, second);

        assertThat(failure).isInstanceOf(CancellationException.class);
    }

    @Test
    void aStepThatGaveUpEarlyIsTriedOnceMore() {
        AtomicInteger tries = new AtomicInteger();
        LongFunction<Batch> fetch = step -> {
            if (tries.incrementAndGet() == 1) {
                throw unavailable();
            }
            return batch(step);
        };

        try (BatchPrefetcher batches = new BatchPrefetcher(fetch, 0, 9, 1)) {
            assertThat(batches.next().getStep()).isZero();
            assertThat(batches.next().getStep()).isEqualTo(1);
        }
    }

    /// What [BatchPrefetcher#next] fails with when this is closed while it waits.
    private static Throwable failureOfNext(BatchPrefetcher batches, CountDownLatch waiting) throws Exception {
        CompletableFuture<Throwable> failure = CompletableFuture.supplyAsync(() -> {
            try {
                return new AssertionError("a batch came: " + batches.next());
            } catch (RuntimeException e) {
                return e;
            }
        });
        assertThat(waiting.await(SECONDS, TimeUnit.SECONDS)).isTrue();
        batches.close();
        return failure.get(SECONDS, TimeUnit.SECONDS);
    }

    /// As a call that nobody answers, and that an interrupt does not end.
    private static Batch forever(CountDownLatch begun) {
        begun.countDown();
        new Semaphore(0).acquireUninterruptibly();
        throw new AssertionError("this never comes");
    }

    private static SamplerClientException unavailable() {
        return new SamplerClientException(Status.Code.UNAVAILABLE, "not now", new IllegalStateException("gone"));
    }

    private static Batch batch(long step) {
        return Batch.newBuilder().setStep(step).build();
    }
}
