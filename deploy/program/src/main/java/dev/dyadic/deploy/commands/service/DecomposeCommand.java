package dev.dyadic.deploy.commands.service;

import dev.dyadic.decomposer.Decomposer;
import dev.dyadic.decomposer.DecomposerSettings;
import dev.dyadic.deploy.commands.options.ClusterOptions;
import dev.dyadic.deploy.commands.options.HostPort;
import dev.dyadic.deploy.commands.options.OpsOptions;
import dev.dyadic.deploy.commands.options.OutputOptions;
import dev.dyadic.deploy.commands.print.Facts;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.process.Completion;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.deploy.commands.process.Interruption;
import dev.dyadic.deploy.commands.process.LeastHeap;
import dev.dyadic.deploy.commands.process.Logging;
import dev.dyadic.deploy.ops.OpsServer;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "decompose",
        mixinStandardHelpOptions = true,
        description =
                "Tokenizes and decomposes documents as they arrive, exactly once, until Ctrl-C. Start as many as there"
                        + " are partitions to share the work.",
        footerHeading = "%nExample:%n",
        footer = "  dyadic decompose --threads 4")
public final class DecomposeCommand implements Callable<Integer> {
    @Mixin
    private OutputOptions outputOptions = new OutputOptions();

    @Mixin
    private ClusterOptions clusterOptions = new ClusterOptions();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = ".dyadic/decomposer",
            description = "Where the seen ids are cached; default ${DEFAULT-VALUE}.")
    private Path data = Path.of(".dyadic/decomposer");

    @Option(
            names = "--threads",
            defaultValue = "1",
            description = "Threads of Kafka Streams that decompose; default ${DEFAULT-VALUE}.")
    private int threads;

    @Option(
            names = "--commit-interval",
            paramLabel = "TIME",
            defaultValue = DecomposerSettings.DEFAULT_COMMIT_INTERVAL_MILLIS + "ms",
            description = "How long a document may wait before its sequences are visible; default ${DEFAULT-VALUE}.")
    private Duration commitInterval = Duration.ofMillis(DecomposerSettings.DEFAULT_COMMIT_INTERVAL_MILLIS);

    @Option(
            names = "--instance",
            paramLabel = "NAME",
            description =
                    "A name that stays over restarts, such as that of the machine: a decomposer that crashes and is"
                            + " back within 30 s keeps its partitions. Default: none.")
    private @Nullable String instance;

    @Mixin
    private OpsOptions opsOptions = new OpsOptions();

    @Override
    public Integer call() throws InterruptedException {
        Output output = outputOptions.open();
        LeastHeap.DECOMPOSE.require();
        Logging.showConnections();
        Interruption interruption = Interruption.install(() -> {});
        Cluster cluster = clusterOptions.cluster();
        DecomposerSettings settings = new DecomposerSettings(
                data,
                threads,
                (int) Math.min(Integer.MAX_VALUE, commitInterval.toMillis()),
                Optional.ofNullable(instance));
        try (OpsServer ops = opsOptions.open(HostPort.ANY)) {
            Corpus corpus = clusterOptions.openCorpus(cluster);
            try (Decomposer decomposer = Decomposer.start(cluster, corpus, settings, ops.registry())) {
                ops.watch(
                        decomposer::notReady,
                        () -> Completion.failure(decomposer.ended()).get().or(decomposer::stalled));
                output.json(Facts.of("corpus", corpus.topics().corpus())
                        .and("threads", threads)
                        .and("ops", ops.address()));
                output.announce(
                        "Decomposing corpus %s with %d threads. Ctrl-C stops it.",
                        corpus.topics().corpus(), threads);
                opsOptions.tell(output, ops);
                Completion.await(decomposer.ended(), interruption);
            }
        }
        return ExitCodes.OK;
    }
}
