package dev.dyadic.deploy.commands.service;

import dev.dyadic.deploy.commands.options.ClusterOptions;
import dev.dyadic.deploy.commands.options.HostPort;
import dev.dyadic.deploy.commands.options.ListenOptions;
import dev.dyadic.deploy.commands.options.OpsOptions;
import dev.dyadic.deploy.commands.options.OutputOptions;
import dev.dyadic.deploy.commands.print.Facts;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.print.Texts;
import dev.dyadic.deploy.commands.process.Completion;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.deploy.commands.process.Interruption;
import dev.dyadic.deploy.commands.process.LeastHeap;
import dev.dyadic.deploy.commands.process.Logging;
import dev.dyadic.deploy.ops.OpsServer;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.proto.rpc.ListenSettings;
import dev.dyadic.sampler.Sampler;
import dev.dyadic.sampler.SamplerLimits;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
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
            "  dyadic sample --data /var/lib/dyadic --port 7073 --replica sampler-2",
            "  dyadic sample --host 0.0.0.0 --tls-cert tls.crt --tls-key tls.key --auth-file callers --ops 127.0.0.1:7072",
        })
public final class SampleCommand implements Callable<Integer> {
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

    @Option(
            names = "--host",
            defaultValue = "127.0.0.1",
            description = "Address to listen at; default ${DEFAULT-VALUE}.")
    private String host = "127.0.0.1";

    @Option(
            names = "--port",
            defaultValue = "7070",
            paramLabel = "PORT",
            description = "Where the sampler listens; 0: any free port; default ${DEFAULT-VALUE}.")
    private int port;

    @Mixin
    private ListenOptions listenOptions = new ListenOptions();

    @Mixin
    private OpsOptions opsOptions = new OpsOptions();

    @Option(names = "--replica", description = "Name of this replica in the ledger; default: host and process id.")
    private @Nullable String replica;

    @Option(
            names = "--replication-threads",
            defaultValue = "1",
            description = "Threads that fetch rows from Kafka; default ${DEFAULT-VALUE}.")
    private int replicationThreads;

    @Option(
            names = "--max-calls",
            defaultValue = "256",
            description = "Calls that gather batches at once; those that wait for data, and all others, do not count."
                    + " Default ${DEFAULT-VALUE}.")
    private int maxCalls;

    @Option(
            names = "--max-park",
            paramLabel = "TIME",
            defaultValue = "30s",
            description = "Longest that a call waits for data; default ${DEFAULT-VALUE}.")
    private Duration maxPark = Duration.ofSeconds(30);

    @Option(
            names = "--max-unread",
            paramLabel = "TIME",
            defaultValue = "60s",
            description =
                    "Ends a stream, and drops an answer, that nobody reads for so long, and for a second more for each"
                            + " MiB; default ${DEFAULT-VALUE}.")
    private Duration maxUnread = Duration.ofSeconds(60);

    @Option(
            names = "--max-in-flight-bytes",
            paramLabel = "BYTES",
            description = "Bytes of answers that are on their way, together; default a quarter of the heap, and at most"
                    + " 256 MiB.")
    private @Nullable Long maxInFlightBytes;

    @Option(
            names = "--cache-bytes",
            paramLabel = "BYTES",
            description =
                    "Memory for steps that are gathered, also ahead of the calls; default an eighth of the heap, and"
                            + " at most 128 MiB.")
    private @Nullable Long cacheBytes;

    @Option(
            names = "--max-disk-bytes",
            paramLabel = "BYTES",
            defaultValue = "0",
            description = "Bound on the rows in --data; beyond it replication pauses, and says so. Default: none.")
    private long maxDiskBytes;

    @Override
    public Integer call() throws InterruptedException {
        Output output = outputOptions.open();
        LeastHeap.SAMPLE.require();
        Logging.showConnections();
        listenOptions.openAuditLog();
        Interruption interruption = Interruption.install(() -> {});
        ListenSettings listen = listenOptions.settings(host, port);
        Cluster cluster = clusterOptions.cluster();
        try (OpsServer ops = opsOptions.open(HostPort.ANY)) {
            return serve(output, interruption, cluster, listen, ops);
        }
    }

    private int serve(Output output, Interruption interruption, Cluster cluster, ListenSettings listen, OpsServer ops)
            throws InterruptedException {
        Corpus corpus = clusterOptions.openCorpus(cluster);
        String name = replica == null ? host + "-" + ProcessHandle.current().pid() : replica;
        SamplerLimits limits = limits();
        Sampler.Settings settings = new Sampler.Settings(data, listen, replicationThreads, name, limits);
        try (Sampler sampler = Sampler.start(cluster, corpus, settings, InstantSource.system(), ops.registry())) {
            ops.watch(sampler::notReady, Completion.failure(sampler.ended()));
            ops.show(sampler.view()::snapshot);
            output.json(Facts.of("corpus", corpus.topics().corpus())
                    .and("sampler", sampler.address())
                    .and("ops", ops.address()));
            output.announce(
                    "Serving corpus %s at %s. Ctrl-C stops it.", corpus.topics().corpus(), sampler.address());
            output.announce(
                    "Limits: %d calls gather at once, each waits at most %d ms; %d connections with %d calls each; answers on"
                            + " their way %s, gathered steps %s.",
                    limits.maxCalls(),
                    limits.maxParkMillis(),
                    listen.maxConnections(),
                    listen.maxCallsPerConnection(),
                    Texts.bytes(limits.maxInFlightBytes()),
                    Texts.bytes(limits.cacheBytes()));
            opsOptions.tell(output, ops);
            output.announceNext("run open NAME --tokens-per-step 8192 --sampler " + sampler.address());
            Completion.await(sampler.ended(), interruption);
        }
        return ExitCodes.OK;
    }

    private SamplerLimits limits() {
        SamplerLimits standard = SamplerLimits.DEFAULT;
        long inFlight = maxInFlightBytes == null ? standard.maxInFlightBytes() : maxInFlightBytes;
        return new SamplerLimits(
                maxCalls,
                maxPark.toMillis(),
                (int) Math.min(standard.maxSliceBytes(), inFlight),
                inFlight,
                cacheBytes == null ? standard.cacheBytes() : cacheBytes,
                maxDiskBytes,
                maxUnread.toMillis());
    }
}
