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
import dev.dyadic.proto.kafka.Corpora;
import dev.dyadic.proto.kafka.Corpus;
import java.util.ArrayList;
import java.util.List;
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
            for (String name : corpora.names(prefix)) {
                Topics topics = new Topics(prefix, name);
                Optional<CorpusSettings> settings = Corpus.settings(cluster, topics);
                long bytes = corpora.sizes(corpora.topicsOf(topics)).values().stream()
                        .mapToLong(Corpora.Size::bytes)
                        .sum();
                if (settings.isPresent()) {
                    CorpusSettings has = settings.get();
                    facts.add(CorpusFacts.of(has).and("bytes", bytes));
                    table.row(name, has.tokenizer().name(), has.buckets(), has.partitions(), bytes >> 20);
                } else {
                    facts.add(Facts.of("corpus", name).and("bytes", bytes));
                    table.row(name, "half made", "-", "-", bytes >> 20);
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
}
