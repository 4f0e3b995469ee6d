package dev.dyadic.deploy.bench;

import dev.dyadic.deploy.local.SampleFeed;
import dev.dyadic.proto.rpc.ListenSettings;
import dev.dyadic.sampler.Sampler;
import dev.dyadic.sampler.SamplerLimits;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.v1.SamplerProto.Freshness;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// From the publishing of a document to when its rows can be served, at a steady rate.
public final class FreshBench {
    private static final int WARM_UP_SECONDS = 10;

    private static final long WAIT_MILLIS = 30_000;

    private FreshBench() {}

    public static List<Figure> run(int seconds, int perSecond) {
        try (BenchStack bench = BenchStack.start()) {
            feed(bench, WARM_UP_SECONDS, perSecond, 0);
            // A sampler counts the documents that were published after its start.
            Sampler.Settings settings = new Sampler.Settings(
                    bench.directory().resolve("fresh"), ListenSettings.loopback(0), 1, "fresh", SamplerLimits.DEFAULT);
            try (Sampler sampler = Sampler.start(
                            bench.stack().cluster(),
                            bench.stack().corpus(),
                            settings,
                            InstantSource.system(),
                            new SimpleMeterRegistry());
                    SamplerClient client = new SamplerClient(sampler.address(), WAIT_MILLIS)) {
                feed(bench, seconds, perSecond, 1);
                Freshness freshness = client.describeCorpus().getFreshness();
                return List.of(
                        Figure.of("rows measured", "rows", (double) freshness.getRows()),
                        Figure.of("publish to servable, p50", "ms", (double) freshness.getP50Millis()),
                        Figure.of("publish to servable, p99", "ms", (double) freshness.getP99Millis()),
                        Figure.of("publish to servable, longest", "ms", (double) freshness.getMaxMillis()));
            }
        }
    }

    private static void feed(BenchStack bench, int seconds, int perSecond, int round) {
        try (SampleFeed feed = SampleFeed.start(
                bench.stack().cluster(),
                bench.stack().corpus().topics(),
                0,
                1000 / perSecond,
                "bench-" + round + "/")) {
            TimeUnit.SECONDS.sleep(seconds);
            feed.finish();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
