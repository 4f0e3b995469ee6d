package dev.dyadic.sampler.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.proto.DyadicException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ScanLaneTest {
    private static final int CORES = 2;

    private final ScanLane lane = new ScanLane(() -> true, CORES);

    @Test
    void scansTakeTheirTurnsOneAtATime() throws InterruptedException {
        AtomicInteger scanning = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicLong slices = new AtomicLong();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            threads.add(Thread.ofVirtual().start(() -> {
                try (ScanLane.Scan scan = lane.enter(() -> false, deadline(60_000))) {
                    for (int slice = 0; slice < 3; slice++) {
                        scan.goOn();
                        most.accumulateAndGet(scanning.incrementAndGet(), Math::max);
                        TimeUnit.MILLISECONDS.sleep(6);
                        scanning.decrementAndGet();
                        slices.incrementAndGet();
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(most.get()).isEqualTo(1);
        assertThat(slices.get()).isEqualTo(24);
    }

    /// What is scanned in many short scans rests as much as one long scan: nine parts in ten of the cores' time are
    /// left.
    @Test
    void shortScansRestToo() throws InterruptedException {
        long scannedNanos = 0;
        long began = System.nanoTime();
        for (int i = 0; i < 20; i++) {
            try (ScanLane.Scan scan = lane.enter(() -> false, deadline(60_000))) {
                scan.goOn();
                long before = System.nanoTime();
                TimeUnit.MILLISECONDS.sleep(2);
                scannedNanos += System.nanoTime() - before;
            }
        }

        assertThat(System.nanoTime() - began).isGreaterThan((long) (scannedNanos / (0.1 * CORES) * 0.9));
    }

    @Test
    void aScanEndsWithItsCaller() {
        AtomicBoolean gone = new AtomicBoolean();

        assertThatThrownBy(() -> {
                    try (ScanLane.Scan scan = lane.enter(gone::get, deadline(60_000))) {
                        scan.goOn();
                        gone.set(true);
                        scan.goOn();
                    }
                })
                .isInstanceOf(InterruptedException.class)
                .hasMessage("the caller of a scan has gone");
    }

    @Test
    void aScanEndsAtItsDeadlineAlsoWhileItWaitsForItsTurn() throws InterruptedException {
        try (ScanLane.Scan first = lane.enter(() -> false, deadline(60_000))) {
            first.goOn();

            assertThatThrownBy(() -> {
                        try (ScanLane.Scan second = lane.enter(() -> false, deadline(30))) {
                            second.goOn();
                        }
                    })
                    .isInstanceOf(DyadicException.class)
                    .hasMessageStartingWith("the rows were not looked through within the call's time");
        }
    }

    private static long deadline(long millis) {
        return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
