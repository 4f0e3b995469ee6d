package dev.dyadic.deploy.cli;

import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.sampler.serve.Sampler;
import dev.dyadic.sampler.serve.SamplerLimits;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "sample",
        mixinStandardHelpOptions = true,
        description =
                "Serves batches over gRPC, until Ctrl-C. Start as many replicas as you like: all serve the same bytes.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  dyadic sample",
            "  dyadic sample --data /var/lib/dyadic --port 7071 --replica sampler-2",
        })
final class SampleCommand implements Callable<Integer> {
    @Mixin
    private OutputOptions outputOptions = new OutputOptions();

    @Mixin
    private ClusterOptions clusterOptions = new ClusterOptions();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = ".dyadic/sampler",
            description = "Where rows are cached; it can be deleted. Default ${DEFAULT-VALUE}.")
    private Path data = Path.of(".dyadic/sampler");

    @Option(names = "--host", defaultValue = "127.0.0.1", description = "Default ${DEFAULT-VALUE}.")
    private String host = "127.0.0.1";

    @Option(names = "--port", defaultValue = "7070", description = "0: any free one; default ${DEFAULT-VALUE}.")
    private int port;

    @Option(names = "--replica", description = "Name of this replica in the ledger; default: host and process id.")
    private @Nullable String replica;

    @Option(names = "--replication-threads", defaultValue = "1", description = "Default ${DEFAULT-VALUE}.")
    private int replicationThreads;

    @Option(
            names = "--max-calls",
            defaultValue = "256",
            description = "Calls answered at once, waiting ones included; default ${DEFAULT-VALUE}.")
    private int maxCalls;

    @Option(
            names = "--max-park",
            paramLabel = "MILLIS",
            defaultValue = "30000",
            description = "Longest that a call waits for data; default ${DEFAULT-VALUE}.")
    private long maxParkMillis;

    @Option(
            names = "--max-in-flight-bytes",
            paramLabel = "BYTES",
            defaultValue = "268435456",
            description = "Bytes of answers that are on their way, together; default ${DEFAULT-VALUE}.")
    private long maxInFlightBytes;

    @Option(
            names = "--cache-bytes",
            paramLabel = "BYTES",
            defaultValue = "134217728",
            description = "Memory for steps that are gathered, also ahead of the calls; default ${DEFAULT-VALUE}.")
    private long cacheBytes;

    @Option(
            names = "--max-disk-bytes",
            paramLabel = "BYTES",
            defaultValue = "0",
            description = "Bound on the rows in --data; beyond it replication pauses, and says so. Default: none.")
    private long maxDiskBytes;

    @Override
    public Integer call() throws InterruptedException {
        Output output = outputOptions.open();
        Logging.showConnections();
        Interruption interruption = Interruption.install(() -> {});
        Cluster cluster = clusterOptions.cluster();
        Corpus corpus = clusterOptions.openCorpus(cluster);
        String name = replica == null ? host + "-" + ProcessHandle.current().pid() : replica;
        SamplerLimits limits = new SamplerLimits(
                maxCalls,
                maxParkMillis,
                SamplerLimits.DEFAULT.maxSliceBytes(),
                maxInFlightBytes,
                cacheBytes,
                maxDiskBytes);
        Sampler.Settings settings = new Sampler.Settings(data, host, port, replicationThreads, name, limits);
        try (Sampler sampler = Sampler.start(cluster, corpus, settings, InstantSource.system())) {
            output.json(Map.of("corpus", corpus.topics().corpus(), "sampler", host + ":" + sampler.port()));
            output.text(
                    "Serving corpus %s at %s:%d; at most %d calls at once, each waits at most %d ms. Ctrl-C stops it.",
                    corpus.topics().corpus(), host, sampler.port(), maxCalls, maxParkMillis);
            output.next("run open NAME --tokens-per-step 8192 --sampler " + host + ":" + sampler.port());
            Ends.await(sampler.ended(), interruption);
        }
        return ExitCodes.OK;
    }
}
