package dev.dyadic.deploy.bench;

import dev.dyadic.proto.InvalidException;
import dev.dyadic.sampler.client.BatchPrefetcher;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.v1.SamplerProto.Batch;
import dev.dyadic.v1.SamplerProto.GetBatchRequest;
import dev.dyadic.v1.SamplerProto.StreamBatchesRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/// Batches to one Java client over loopback, next to a raw gRPC stream of messages of the same sizes.
public final class ServeBench {
    private static final int PASSES = 600;
    private static final int PREFETCH = 4;

    private ServeBench() {}

    /// @param rounds each way is measured so often, one after the other
    /// @param steps of each measurement
    public static List<Figure> run(Optional<Path> file, int copies, int rounds, int steps) {
        try (BenchStack bench = BenchStack.start();
                SamplerClient client = bench.client()) {
            bench.fill(file, copies);
            long total = bench.open(client, "serve", PASSES).getTotalSteps();
            if (total < steps) {
                throw new InvalidException("there are " + total + " steps, fewer than " + steps);
            }
            bench.plan(client, "serve", Math.min(total, (rounds + 2L) * 2 * steps));
            double[] raw = new double[rounds];
            double[] stream = new double[rounds];
            double[] unary = new double[rounds];
            long[] next = {0};
            try (RawServer server = new RawServer(sizes(client, (int) Math.min(total, 64)))) {
                for (int round = -2; round < rounds; round++) {
                    // Every step once, as in training: nothing is served from what was gathered before.
                    double[] rates = {
                        rate(steps, () -> server.read(steps)),
                        rate(steps, () -> stream(client, advance(next, steps, total), steps)),
                        rate(steps, () -> unary(client, advance(next, steps, total), steps)),
                    };
                    if (round >= 0) {
                        raw[round] = rates[0];
                        stream[round] = rates[1];
                        unary[round] = rates[2];
                    }
                }
            }
            List<Figure> figures = new ArrayList<>();
            figures.add(Figure.of("raw gRPC stream of the same bytes", "Mtok/s", raw));
            figures.add(Figure.of("StreamBatches", "Mtok/s", stream));
            figures.add(Figure.of("GetBatch, " + PREFETCH + " ahead", "Mtok/s", unary));
            figures.add(Figure.of("StreamBatches / raw", "ratio", ratios(stream, raw)));
            figures.add(Figure.of("GetBatch / raw", "ratio", ratios(unary, raw)));
            return figures;
        }
    }

    private static long advance(long[] next, int steps, long total) {
        long first = next[0] + steps <= total ? next[0] : 0;
        next[0] = first + steps;
        return first;
    }

    private static int[] sizes(SamplerClient client, int steps) {
        int[] sizes = new int[steps];
        for (int step = 0; step < steps; step++) {
            sizes[step] = client.getBatch(request(step)).getSerializedSize();
        }
        return sizes;
    }

    private static double rate(int steps, Runnable work) {
        long before = System.nanoTime();
        work.run();
        return steps * (double) BenchStack.TOKENS_PER_STEP / (System.nanoTime() - before) * 1e3;
    }

    private static void stream(SamplerClient client, long first, int steps) {
        Iterator<Batch> batches = client.streamBatches(StreamBatchesRequest.newBuilder()
                .setRun("serve")
                .setStep(first)
                .setSteps(steps)
                .build());
        int count = 0;
        while (batches.hasNext()) {
            batches.next();
            count++;
        }
        if (count != steps) {
            throw new IllegalStateException("expected " + steps + " batches, but " + count + " came");
        }
    }

    private static void unary(SamplerClient client, long first, int steps) {
        try (BatchPrefetcher batches =
                new BatchPrefetcher(step -> client.getBatch(request(step)), first, first + steps, PREFETCH)) {
            for (int i = 0; i < steps; i++) {
                batches.next();
            }
        }
    }

    private static GetBatchRequest request(long step) {
        return GetBatchRequest.newBuilder().setRun("serve").setStep(step).build();
    }

    private static double[] ratios(double[] values, double[] to) {
        double[] ratios = new double[values.length];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = values[i] / to[i];
        }
        return ratios;
    }
}
