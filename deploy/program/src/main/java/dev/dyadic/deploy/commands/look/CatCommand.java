package dev.dyadic.deploy.commands.look;

import dev.dyadic.decomposer.tokenize.TextIds;
import dev.dyadic.deploy.commands.config.Nearest;
import dev.dyadic.deploy.commands.options.ClusterOptions;
import dev.dyadic.deploy.commands.options.OutputOptions;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.deploy.commands.process.Interruption;
import dev.dyadic.deploy.records.RecordView;
import dev.dyadic.deploy.records.TopicRecords;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.kafka.Assets;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.ClusterException;
import dev.dyadic.proto.kafka.Corpus;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "cat",
        mixinStandardHelpOptions = true,
        description =
                "Prints the records of a topic of ours, a JSON object a line; tokens also as text. Only what is committed.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  dyadic cat dyadic.main.ledger",
            "  dyadic cat sequences.64 --partition 0 --offset 100 --limit 1 | jq .value.text",
            "  dyadic cat rejects --follow | jq -r .value.reason",
        })
public final class CatCommand implements Callable<Integer> {
    /// They are kept until all of a partition are found.
    private static final long MOST_LAST = 100_000;

    private static final byte[] END_OF_TEXT = "<|endoftext|>".getBytes(StandardCharsets.UTF_8);

    @Mixin
    private OutputOptions outputOptions = new OutputOptions();

    @Mixin
    private ClusterOptions clusterOptions = new ClusterOptions();

    @Parameters(
            paramLabel = "TOPIC",
            description =
                    "Its name; of a corpus's or a prefix's topics, the part after those is enough: documents,"
                            + " documents.rejects, ingest.jobs, ledger, rejects, sequences.64, assets, decomposer-seen-changelog.")
    private String topic = "";

    @Option(
            names = "--partition",
            paramLabel = "NUMBER",
            description = "Partition to read; default: all, one after the other.")
    private @Nullable Integer partition;

    @Option(
            names = "--offset",
            paramLabel = "OFFSET",
            description =
                    "First one of each partition; below 0: the last so many records of each. Default: the first that is there.")
    private @Nullable Long offset;

    @Option(names = "--limit", paramLabel = "N", description = "Stop after N records.")
    private long limit = Long.MAX_VALUE;

    @Option(names = "--follow", description = "Go on with what comes, until Ctrl-C.")
    private boolean follows;

    @Override
    public Integer call() {
        Output output = outputOptions.open();
        if (limit < 1) {
            throw new InvalidException("--limit must be at least 1, but was " + limit);
        }
        if (offset != null && offset < -MOST_LAST) {
            throw new InvalidException("--offset must be at least " + -MOST_LAST + ", but was " + offset);
        }
        Interruption interruption = Interruption.install(() -> {});
        Cluster cluster = clusterOptions.cluster();
        String name = find(cluster, clusterOptions.topics());
        Topics topics = owner(clusterOptions.topics(), name);
        RecordView view = new RecordView(topics, tokens(cluster, topics, name));
        try (Consumer<byte[], byte[]> consumer = cluster.consumer(Map.of())) {
            TopicRecords records = new TopicRecords(consumer, partitions(consumer, name));
            print(records, new Printer(output, view, interruption));
        } catch (KafkaException e) {
            throw new ClusterException("cannot read " + name + ": " + e.getMessage(), e);
        }
        return ExitCodes.OK;
    }

    /// As it can be given: without prefix and corpus.
    private static String shortName(String topic, Topics topics) {
        String withoutPrefix = topic.substring(topics.prefix().length() + 1);
        return withoutPrefix.startsWith(topics.corpus() + ".")
                ? withoutPrefix.substring(topics.corpus().length() + 1)
                : withoutPrefix;
    }

    private String find(Cluster cluster, Topics topics) {
        try (Admin admin = cluster.admin()) {
            Set<String> names = cluster.await(admin.listTopics().names(), "listing topics");
            List<String> meant = List.of(
                    topic, topics.prefix() + "." + topics.corpus() + "." + topic, topics.prefix() + "." + topic);
            return meant.stream().filter(names::contains).findFirst().orElseThrow(() -> {
                List<String> ours = names.stream()
                        .filter(known -> known.startsWith(topics.prefix() + "."))
                        .sorted()
                        .toList();
                return new InvalidException("there is no topic " + topic + " at " + cluster.bootstrap()
                        + Nearest.question(
                                topic,
                                ours.stream()
                                        .map(known -> shortName(known, topics))
                                        .toList())
                        + (ours.isEmpty() ? "" : "; there are " + String.join(", ", ours)));
            });
        }
    }

    /// The topics among which it is: of the corpus that its whole name says.
    private static Topics owner(Topics topics, String name) {
        String begin = topics.prefix() + ".";
        if (!name.startsWith(begin)
                || name.equals(topics.documents())
                || name.equals(topics.documentRejects())
                || name.equals(topics.ingestJobs())) {
            return topics;
        }
        return new Topics(topics.prefix(), name.substring(begin.length()).split("\\.", 2)[0]);
    }

    private static Optional<RecordView.TokenText> tokens(Cluster cluster, Topics topics, String topic) {
        if (!topics.isOfSequences(topic)) {
            return Optional.empty();
        }
        return Corpus.settings(cluster, topics).map(CorpusSettings::tokenizer).map(tokenizer -> {
            TextIds ids = tokenizer
                    .file()
                    .map(sha256 -> TextIds.ofFile(tokenizer.name(), Assets.read(cluster, topics, sha256)))
                    .orElseGet(() -> TextIds.named(tokenizer.name()));
            // Of a vocabulary with a name, the end is no token.
            boolean hasEnd = tokenizer.file().isPresent();
            return new RecordView.TokenText(
                    tokenizer.tokenWidth(),
                    id -> id == tokenizer.endOfText() && !hasEnd ? END_OF_TEXT.clone() : ids.bytesOf(id));
        });
    }

    private List<TopicPartition> partitions(Consumer<byte[], byte[]> consumer, String name) {
        List<TopicPartition> all = consumer.partitionsFor(name).stream()
                .map(info -> new TopicPartition(name, info.partition()))
                .sorted(Comparator.comparingInt(TopicPartition::partition))
                .toList();
        List<TopicPartition> asked = all.stream()
                .filter(each -> partition == null || each.partition() == partition)
                .toList();
        if (asked.isEmpty()) {
            throw new InvalidException("topic " + name + " has " + all.size()
                    + " partitions, from 0 on, but --partition was " + partition);
        }
        return asked;
    }

    private void print(TopicRecords records, Printer printer) {
        if (offset == null || offset >= 0) {
            records.from(offset == null ? 0 : offset, printer);
        } else {
            records.last(-offset, printer);
        }
        if (follows) {
            records.skipToEnd();
            while (!printer.isDone()) {
                records.next(printer);
            }
        }
    }

    /// Prints records, until there are enough, nobody reads them, or it is interrupted.
    private final class Printer implements Predicate<ConsumerRecord<byte[], byte[]>> {
        private final Output output;
        private final RecordView view;
        private final Interruption interruption;
        private long printed;

        Printer(Output output, RecordView view, Interruption interruption) {
            this.output = output;
            this.view = view;
            this.interruption = interruption;
        }

        boolean isDone() {
            return printed >= limit || interruption.isAsked() || output.isClosed();
        }

        @Override
        public boolean test(ConsumerRecord<byte[], byte[]> record) {
            if (isDone()) {
                return false;
            }
            output.jsonLine(view.of(record));
            printed++;
            return true;
        }
    }
}
