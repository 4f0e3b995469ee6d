package dev.dyadic.deploy.commands.corpus;

import dev.dyadic.deploy.commands.options.ClusterOptions;
import dev.dyadic.deploy.commands.options.OutputOptions;
import dev.dyadic.deploy.commands.print.Confirmation;
import dev.dyadic.deploy.commands.print.Facts;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpora;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "delete",
        mixinStandardHelpOptions = true,
        description =
                "Deletes a corpus for good: its rows, its runs, its rejects. Its documents stay, since all corpora of a prefix"
                        + " share them: 'init' makes a corpus anew out of them. Stop its decomposers and samplers before.",
        footerHeading = "%nExamples:%n",
        footer = {"  dyadic corpus delete --corpus code", "  dyadic corpus delete --corpus code --yes"})
final class CorpusDelete implements Callable<Integer> {
    @Mixin
    private OutputOptions outputOptions = new OutputOptions();

    @Mixin
    private ClusterOptions clusterOptions = new ClusterOptions();

    @Option(names = "--yes", description = "Do not ask back.")
    private boolean yes;

    @Override
    public Integer call() {
        Output output = outputOptions.open();
        Cluster cluster = clusterOptions.cluster();
        Topics topics = clusterOptions.topics();
        try (Admin admin = cluster.admin()) {
            Corpora corpora = new Corpora(cluster, admin);
            List<String> names = corpora.topicsOf(topics);
            if (names.isEmpty()) {
                throw new DyadicException(
                        DyadicException.Kind.NOT_FOUND,
                        "there is no corpus " + topics.corpus() + " with prefix " + topics.prefix() + " at "
                                + cluster.bootstrap() + "; 'dyadic corpus list' shows which there are");
            }
            int decomposers = corpora.decomposers(topics);
            if (decomposers > 0) {
                throw new DyadicException(
                        DyadicException.Kind.NOT_READY,
                        decomposers + " threads of decomposers are at work on corpus " + topics.corpus()
                                + ": stop them, and its samplers, first");
            }
            Map<String, Corpora.Size> sizes = corpora.sizes(names);
            long records =
                    sizes.values().stream().mapToLong(Corpora.Size::records).sum();
            Confirmation.require(
                    output,
                    yes,
                    "Corpus %s, prefix %s, of Kafka at %s: %,d topics with %,d offsets will be deleted for good."
                            .formatted(topics.corpus(), topics.prefix(), cluster.bootstrap(), names.size(), records),
                    topics.corpus());
            corpora.delete(topics);
            output.json(Facts.of("deleted", names));
            output.text("Corpus %s is deleted: %,d topics.", topics.corpus(), names.size());
            output.text(
                    "The documents in %s stay. What decomposers and samplers of it have in --data can be deleted.",
                    topics.documents());
        }
        return ExitCodes.OK;
    }
}
