package dev.dyadic.deploy.bench;

import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.v1.SamplerProto.GetBatchRequest;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;

/// Many clients at once, each with a connection of its own, that ask for steps here and there.
public final class ClientsBench {
    private static final int PASSES = 40;

    private ClientsBench() {}

    /// @param millis of each measurement
    public static List<Figure> run(Optional<Path> file, int copies, int rounds, long millis, int few, int many) {
        try (BenchStack bench = BenchStack.start();
                SamplerClient client = bench.client()) {
            bench.fill(file, copies);
            long steps = bench.open(client, "clients", PASSES).getTotalSteps();
            bench.plan(client, "clients", steps);
            double[] withFew = new double[rounds];
            double[] withMany = new double[rounds];
            double[] ratios = new double[rounds];
            AtomicLong errors = new AtomicLong();
            AtomicLong heap = new AtomicLong();
            for (int round = -1; round < rounds; round++) {
                double a = measure(bench, few, millis, steps, errors, heap);
                double b = measure(bench, many, millis, steps, errors, heap);
                if (round >= 0) {
                    withFew[round] = a;
                    withMany[round] = b;
                    ratios[round] = b / a;
                }
            }
            return List.of(
                    Figure.of(few + " clients, steps at random", "Mtok/s", withFew),
                    Figure.of(many + " clients, steps at random", "Mtok/s", withMany),
                    Figure.of(many + " / " + few + " clients", "ratio", ratios),
                    Figure.of("errors", "calls", (double) errors.get()),
                    Figure.of("heap in use, at most (broker, sampler, clients)", "MiB", heap.get() / 1048576.0),
                    Figure.of("direct buffers and maps", "MiB", directBytes() / 1048576.0));
        }
    }

    private static double measure(
            BenchStack bench, int clients, long millis, long steps, AtomicLong errors, AtomicLong heap) {
        AtomicLong batches = new AtomicLong();
        long end = System.nanoTime() + millis * 1_000_000;
        long before = System.nanoTime();
        try (ExecutorService threads = Executors.newFixedThreadPool(clients)) {
            for (int i = 0; i < clients; i++) {
                threads.execute(() -> {
                    try (SamplerClient client = bench.client()) {
                        while (System.nanoTime() - end < 0) {
                            long step = ThreadLocalRandom.current().nextLong(steps);
                            client.getBatch(GetBatchRequest.newBuilder()
                                    .setRun("clients")
                                    .setStep(step)
                                    .build());
                            batches.incrementAndGet();
                            heap.accumulateAndGet(
                                    ManagementFactory.getMemoryMXBean()
                                            .getHeapMemoryUsage()
                                            .getUsed(),
                                    Math::max);
                        }
                    } catch (RuntimeException e) {
                        errors.incrementAndGet();
                    }
                });
            }
        }
        return batches.get() * (double) BenchStack.TOKENS_PER_STEP / (System.nanoTime() - before) * 1e3;
    }

    private static long directBytes() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .mapToLong(BufferPoolMXBean::getMemoryUsed)
                .sum();
    }
}
