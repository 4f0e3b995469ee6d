package dev.dyadic.deploy.commands.corpus;

import dev.dyadic.deploy.commands.options.ClusterOptions;
import dev.dyadic.deploy.commands.options.OutputOptions;
import dev.dyadic.deploy.commands.print.Facts;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.print.Table;
import dev.dyadic.deploy.commands.print.Texts;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.ClusterException;
import dev.dyadic.proto.kafka.Corpora;
import dev.dyadic.proto.kafka.Corpus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "Lists the corpora of a prefix.",
        footerHeading = "%nExamples:%n",
        footer = {"  dyadic corpus list", "  dyadic corpus list --prefix staging -o json"})
final class CorpusList implements Callable<Integer> {
    @Mixin
    private OutputOptions outputOptions = new OutputOptions();

    @Mixin
    private ClusterOptions clusterOptions = new ClusterOptions();

    @Override
    public Integer call() {
        Output output = outputOptions.open();
        Cluster cluster = clusterOptions.cluster();
        String prefix = clusterOptions.topics().prefix();
        List<Facts> facts = new ArrayList<>();
        Table table = new Table("corpus", "tokenizer", "lengths", "partitions", "MiB");
        try (Admin admin = cluster.admin()) {
            Corpora corpora = new Corpora(cluster, admin);
            List<String> names = corpora.names(prefix);
            Map<String, Corpora.Size> sizes = corpora.sizes(names.stream()
                    .flatMap(name -> corpora.topicsOf(new Topics(prefix, name)).stream())
                    .toList());
            for (String name : names) {
                Topics topics = new Topics(prefix, name);
                long bytes = sizes.entrySet().stream()
                        .filter(topic -> topics.isOfCorpus(topic.getKey()))
                        .mapToLong(topic -> topic.getValue().bytes())
                        .sum();
                try {
                    Optional<CorpusSettings> settings = Corpus.settings(cluster, topics);
                    settings.ifPresentOrElse(
                            has -> {
                                facts.add(CorpusFacts.of(has).and("bytes", bytes));
                                table.row(
                                        name,
                                        has.tokenizer().name(),
                                        has.buckets(),
                                        has.partitions(),
                                        CorpusFacts.mebibytes(bytes));
                            },
                            () -> broken(name, "half made: 'dyadic init' finishes it", facts, table));
                } catch (ClusterException e) {
                    broken(name, String.valueOf(e.getMessage()), facts, table);
                }
            }
        }
        output.json(Facts.of("prefix", prefix).and("corpora", facts));
        if (facts.isEmpty()) {
            output.text("There is no corpus with prefix %s.", prefix);
            output.next("init");
        } else {
            output.text("%s with prefix %s:", Texts.plural(facts.size(), "corpus", "corpora"), prefix);
            output.table(table);
        }
        return ExitCodes.OK;
    }

    /// One that cannot be read does not hide the others.
    private static void broken(String name, String why, List<Facts> facts, Table table) {
        facts.add(Facts.of("corpus", name).and("problem", why));
        table.row(name, why, "-", "-", "-");
    }
}
