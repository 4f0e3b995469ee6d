package dev.dyadic.deploy.bench;

import dev.dyadic.deploy.broker.FreePorts;
import dev.dyadic.deploy.local.Program;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.v1.SamplerProto.GetBatchRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A sampler that was killed and is started again over its disk: how long until the first batch.
public final class RestartBench {
    private static final long WAIT_MILLIS = 60_000;

    private RestartBench() {}

    public static List<Figure> run(Optional<Path> file, int copies, int rounds) {
        try (BenchStack bench = BenchStack.start()) {
            bench.fill(file, copies);
            try (SamplerClient client = bench.client()) {
                bench.open(client, "restart", 1);
            }
            Path data = bench.directory().resolve("restarted");
            double[] cold = {first(bench, data)};
            double[] warm = new double[rounds];
            for (int round = 0; round < rounds; round++) {
                warm[round] = first(bench, data);
            }
            return List.of(
                    Figure.of("first batch of a new process, empty disk", "s", cold),
                    Figure.of("first batch after a kill, warm disk", "s", warm));
        }
    }

    private static double first(BenchStack bench, Path data) {
        int port = FreePorts.next();
        long before = System.nanoTime();
        try (Program sampler = Program.start(
                        data.resolveSibling("restarted.log"),
                        "sample",
                        "--kafka",
                        bench.stack().cluster().bootstrap(),
                        "--prefix",
                        "bench",
                        "--corpus",
                        "bench",
                        "--data",
                        data.toString(),
                        "--port",
                        Integer.toString(port));
                SamplerClient client = new SamplerClient("127.0.0.1:" + port, WAIT_MILLIS)) {
            client.getBatch(
                    GetBatchRequest.newBuilder().setRun("restart").setStep(3).build());
            double seconds = (System.nanoTime() - before) / 1e9;
            // A checkpoint is written every two seconds.
            TimeUnit.SECONDS.sleep(4);
            sampler.kill();
            return seconds;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
