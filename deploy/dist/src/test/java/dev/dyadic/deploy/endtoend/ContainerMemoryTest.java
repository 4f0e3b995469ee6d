package dev.dyadic.deploy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.sampler.client.SamplerClientException;
import dev.dyadic.v1.SamplerGrpc;
import dev.dyadic.v1.SamplerProto.Batch;
import dev.dyadic.v1.SamplerProto.GetBatchRequest;
import dev.dyadic.v1.SamplerProto.StreamBatchesRequest;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A sampler in a container of 512 MiB, without swap, under load and abuse: what it takes beside its heap is bounded by
/// what the container has, or the system would kill it.
@NeedsDocker(image = true)
class ContainerMemoryTest {
    private static final int MEMORY_MIB = 512;
    private static final int LOAD_SECONDS = 20;
    private static final int LOADERS = 4;
    private static final long WAIT_MILLIS = 500;
    private static final int CONNECTIONS = 6;
    private static final int CALLS = 60;

    @TempDir
    private Path directory = Path.of("");

    @Test
    void aSamplerLivesInHalfAGibibyteUnderLoadAndAbuse() throws Exception {
        String name = "dyadic-test-" + ProcessHandle.current().pid();
        try (TestStack test = new TestStack(directory.resolve("stack"))) {
            Texts.publish(test.stack().cluster(), test.stack().corpus().topics(), Texts.make("doc-", 8000, 7));
            try (ServiceProcess sampler = ServiceProcess.container(
                    directory.resolve("sampler.log"),
                    name,
                    MEMORY_MIB,
                    ServiceProcess.samplerArguments(test, Path.of("/data")))) {
                String address = sampler.address("sampler");
                Batch expected;
                try (SamplerClient client = new SamplerClient(address, 60_000)) {
                    // 2 MiB a batch.
                    client.openRun(
                            "large",
                            TestStack.bounded(1, 1).setTokensPerStep(1 << 20).build());
                    expected = AbuseTest.first(client);
                }

                // First what it is for, then with those who read nothing, who hold what the loaders, of the same
                // address,
                // would have.
                assertThat(load(address)).isPositive();
                underAbuse(address);

                sampler.requireWell();
                try (SamplerClient client = new SamplerClient(address, 60_000)) {
                    assertThat(AbuseTest.first(client)).isEqualTo(expected);
                }
            } finally {
                new ProcessBuilder("docker", "rm", "-f", name).start().waitFor();
            }
        }
    }

    private static void underAbuse(String address) throws Exception {
        List<ManagedChannel> channels = new ArrayList<>();
        try (ExecutorService loaders = Executors.newFixedThreadPool(LOADERS)) {
            List<Future<Long>> loads = new ArrayList<>();
            for (int i = 0; i < LOADERS; i++) {
                loads.add(loaders.submit(() -> load(address)));
            }
            for (int i = 0; i < CONNECTIONS; i++) {
                ManagedChannel channel = AbuseTest.unread(address);
                channels.add(channel);
                for (int j = 0; j < CALLS; j++) {
                    CompletableFuture<Status> _ = AbuseTest.start(
                            channel,
                            SamplerGrpc.getGetBatchMethod(),
                            GetBatchRequest.newBuilder().setRun("large").build(),
                            new Metadata());
                    CompletableFuture<Status> _ = AbuseTest.start(
                            channel,
                            SamplerGrpc.getStreamBatchesMethod(),
                            StreamBatchesRequest.newBuilder().setRun("large").build(),
                            new Metadata());
                }
            }
            for (Future<Long> load : loads) {
                load.get();
            }
        } finally {
            channels.forEach(ManagedChannel::shutdownNow);
        }
    }

    /// @return batches that it got
    private static long load(String address) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LOAD_SECONDS);
        long served = 0;
        try (SamplerClient client = new SamplerClient(address, WAIT_MILLIS)) {
            while (System.nanoTime() < end) {
                try {
                    TestStack.get(client, "large", served % 2);
                    served++;
                } catch (SamplerClientException e) {
                    assertThat(e.code()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
                }
            }
        }
        return served;
    }
}
