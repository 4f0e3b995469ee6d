package dev.dyadic.deploy.commands.corpus;

import dev.dyadic.deploy.commands.options.ClusterOptions;
import dev.dyadic.deploy.commands.options.OutputOptions;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.print.Table;
import dev.dyadic.deploy.commands.print.Texts;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpora;
import dev.dyadic.proto.kafka.Corpus;
import java.util.Map;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "describe",
        mixinStandardHelpOptions = true,
        description =
                "Shows what a corpus was made with, and its topics. 'dyadic stats' counts what is in them, and 'dyadic run"
                        + " list' has its runs.",
        footerHeading = "%nExamples:%n",
        footer = {"  dyadic corpus describe", "  dyadic corpus describe --corpus code -o json"})
final class CorpusDescribe implements Callable<Integer> {
    @Mixin
    private OutputOptions outputOptions = new OutputOptions();

    @Mixin
    private ClusterOptions clusterOptions = new ClusterOptions();

    @Override
    public Integer call() {
        Output output = outputOptions.open();
        Cluster cluster = clusterOptions.cluster();
        Corpus corpus = clusterOptions.openCorpus(cluster);
        CorpusSettings settings = corpus.settings();
        Map<String, Corpora.Size> sizes;
        int decomposers;
        try (Admin admin = cluster.admin()) {
            Corpora corpora = new Corpora(cluster, admin);
            sizes = corpora.sizes(corpora.topicsOf(corpus.topics()));
            decomposers = corpora.decomposers(corpus.topics());
        }
        output.json(CorpusFacts.of(settings).and("decomposers", decomposers).and("topics", sizes));
        output.text("Corpus %s, prefix %s", settings.corpus(), corpus.topics().prefix());
        output.text(
                "  tokenizer       %s, %,d ids",
                settings.tokenizer().name(), settings.tokenizer().vocabularySize());
        settings.tokenizer().file().ifPresent(sha256 -> output.text("  its file        SHA-256 %s", sha256));
        output.text(
                "  lengths         %s, layout %s",
                settings.buckets(), settings.layout().text());
        output.text("  long documents  %s", settings.longDocuments().text());
        output.text(
                "  hold-out        %s %% of documents, salt %d",
                settings.holdoutPerMillion() / 10_000.0, settings.holdoutSalt());
        output.text("  decomposers     %s at work", Texts.count(decomposers, "thread"));
        output.text("");
        Table table = new Table("topic", "partitions", "replicas", "records", "MiB");
        sizes.forEach((name, size) -> table.row(
                name, size.partitions(), size.replication(), size.records(), CorpusFacts.mebibytes(size.bytes())));
        output.table(table);
        output.text(
                "Documents are in %s, for all corpora of the prefix.",
                corpus.topics().documents());
        return ExitCodes.OK;
    }
}
