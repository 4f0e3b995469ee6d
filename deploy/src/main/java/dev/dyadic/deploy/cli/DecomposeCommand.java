package dev.dyadic.deploy.cli;

import dev.dyadic.decomposer.Decomposer;
import dev.dyadic.decomposer.DecomposerSettings;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpus;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
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
final class DecomposeCommand implements Callable<Integer> {
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

    @Option(names = "--threads", defaultValue = "1", description = "Default ${DEFAULT-VALUE}.")
    private int threads;

    @Option(
            names = "--commit-interval",
            paramLabel = "MILLIS",
            defaultValue = "100",
            description = "How long a document may wait before its sequences are visible; default ${DEFAULT-VALUE}.")
    private int commitIntervalMillis;

    @Override
    public Integer call() throws InterruptedException {
        Output output = outputOptions.open();
        Logging.showConnections();
        Interruption interruption = Interruption.install(() -> {});
        Cluster cluster = clusterOptions.cluster();
        Corpus corpus = clusterOptions.openCorpus(cluster);
        DecomposerSettings settings = new DecomposerSettings(data, threads, commitIntervalMillis);
        try (Decomposer decomposer = Decomposer.start(cluster, corpus, settings)) {
            output.json(Map.of("corpus", corpus.topics().corpus(), "threads", threads));
            output.text(
                    "Decomposing corpus %s with %d threads. Ctrl-C stops it.",
                    corpus.topics().corpus(), threads);
            Ends.await(decomposer.ended(), interruption);
        }
        return ExitCodes.OK;
    }
}
