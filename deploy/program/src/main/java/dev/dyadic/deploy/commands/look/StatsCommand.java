package dev.dyadic.deploy.commands.look;

import dev.dyadic.deploy.commands.options.ClusterOptions;
import dev.dyadic.deploy.commands.options.OutputOptions;
import dev.dyadic.deploy.commands.options.SamplerOptions;
import dev.dyadic.deploy.commands.print.Facts;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.print.ProgressBars;
import dev.dyadic.deploy.commands.print.Table;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.deploy.history.KafkaHistory;
import dev.dyadic.deploy.stats.Averages;
import dev.dyadic.deploy.stats.BucketStats;
import dev.dyadic.deploy.stats.CorpusStats;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.sampler.client.SamplerClientException;
import dev.dyadic.v1.SamplerProto.CorpusDescription;
import dev.dyadic.v1.SamplerProto.Freshness;
import dev.dyadic.v1.SamplerProto.Notice;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "stats",
        mixinStandardHelpOptions = true,
        description =
                "Counts what a corpus holds, from its topics: documents, tokens, lengths, rejects, tails. Asks a sampler,"
                        + " where one answers, how fresh it is.",
        footerHeading = "%nExamples:%n",
        footer = {"  dyadic stats", "  dyadic stats -o json | jq .buckets"})
public final class StatsCommand implements Callable<Integer> {
    @Mixin
    private OutputOptions outputOptions = new OutputOptions();

    @Mixin
    private ClusterOptions clusterOptions = new ClusterOptions();

    @Mixin
    private SamplerOptions samplerOptions = new SamplerOptions();

    /// Statistics for scripts.
    record Facts(
            CorpusStats.Documents documents,
            List<String> lost,
            CorpusStats.Tokens tokens,
            List<BucketStats> buckets,
            Averages averages,
            Map<String, Long> rejects,
            Map<String, Long> refused,
            long unreadable,
            @Nullable FreshnessFacts freshnessMillis,
            List<String> stalls,
            List<String> warnings) {
        static Facts of(CorpusStats stats, Optional<CorpusDescription> sampler) {
            return new Facts(
                    stats.documents(),
                    stats.lost(),
                    stats.tokens(),
                    stats.buckets(),
                    stats.averages(),
                    stats.rejectsByReason(),
                    stats.refused(),
                    stats.unreadable(),
                    sampler.map(CorpusDescription::getFreshness)
                            .map(FreshnessFacts::of)
                            .orElse(null),
                    texts(sampler.map(CorpusDescription::getStallsList).orElse(List.of())),
                    texts(sampler.map(CorpusDescription::getWarningsList).orElse(List.of())));
        }
    }

    /// @param rows measured
    public record FreshnessFacts(long p50, long p99, long max, long rows) {
        public static FreshnessFacts of(Freshness freshness) {
            return new FreshnessFacts(
                    freshness.getP50Millis(), freshness.getP99Millis(), freshness.getMaxMillis(), freshness.getRows());
        }
    }

    @Override
    public Integer call() {
        Output output = outputOptions.open();
        Cluster cluster = clusterOptions.cluster();
        Corpus corpus = clusterOptions.openCorpus(cluster);
        CorpusStats stats;
        try (ProgressBar bar = ProgressBars.of("reading").build();
                KafkaHistory history = new KafkaHistory(cluster, corpus, ProgressBars.reading(bar))) {
            stats = CorpusStats.of(history);
        }
        Optional<CorpusDescription> sampler = sampler();
        Facts facts = Facts.of(stats, sampler);
        output.json(facts);
        print(output, stats, sampler.map(CorpusDescription::getFreshness));
        facts.stalls().forEach(stall -> output.text("Stalled: %s", stall));
        facts.warnings().forEach(warning -> output.text("Warning: %s", warning));
        return ExitCodes.OK;
    }

    private static List<String> texts(List<Notice> notices) {
        return notices.stream()
                .map(notice -> notice.getText() + " (since " + Instant.ofEpochMilli(notice.getSinceMillis()) + ")")
                .toList();
    }

    private Optional<CorpusDescription> sampler() {
        try (SamplerClient client = samplerOptions.connectBriefly()) {
            return Optional.of(client.describeCorpus());
        } catch (SamplerClientException e) {
            return Optional.empty();
        }
    }

    private static String trimmed(long number) {
        return number == 0 ? "" : " + %,d whose rows retention took".formatted(number);
    }

    public static void print(Output output, CorpusStats stats, Optional<Freshness> freshness) {
        CorpusStats.Documents documents = stats.documents();
        CorpusStats.Tokens tokens = stats.tokens();
        output.text(
                "Documents: %,d accepted = %,d decomposed + %,d rejected%s; %,d pending",
                documents.accepted(),
                documents.decomposed(),
                documents.rejected(),
                trimmed(documents.trimmed()),
                documents.pending());
        output.text(
                "Bytes:     %,d accepted = %,d decomposed + %,d rejected%s",
                documents.bytes(),
                documents.bytesDecomposed(),
                documents.bytesRejected(),
                trimmed(documents.bytesTrimmed()));
        if (documents.gone() > 0 || documents.trimmed() > 0) {
            output.text(
                    "Retention: the sums are over the documents that are there; of %,d more, which are gone, rows or"
                            + " rejects are there",
                    documents.gone());
        }
        if (documents.lostAtMost() > 0) {
            output.text(
                    "LOST:      at most %,d documents, deleted before they were decomposed", documents.lostAtMost());
            stats.lost().forEach(range -> output.text("           %s", range));
        }
        output.text(
                "Tokens:    %,d = %,d in sequences + %,d in tails; %,d more in rejected documents",
                tokens.accepted(), tokens.inSequences(), tokens.tails(), tokens.rejected());
        long positions =
                stats.buckets().stream().mapToLong(BucketStats::positions).sum();
        Table table = new Table("length", "sequences", "tokens", "positions", "share");
        for (BucketStats bucket : stats.buckets()) {
            double share = positions == 0 ? 0 : 100.0 * bucket.positions() / positions;
            table.row(
                    bucket.length(),
                    bucket.sequences(),
                    bucket.tokens(),
                    bucket.positions(),
                    "%.1f %%".formatted(share));
        }
        output.table(table);
        output.text(
                "Average sequence length %,.0f, average context length %,.0f (as table 1 of the paper defines them)",
                stats.averages().sequenceLength(), stats.averages().contextLength());
        if (!stats.rejectsByReason().isEmpty()) {
            output.text("Rejected by the decomposer: %s", stats.rejectsByReason());
        }
        if (!stats.refused().isEmpty()) {
            output.text("Refused by ingest: %s", stats.refused());
        }
        if (stats.unreadable() > 0) {
            output.text("Records that are not what their topic holds: %,d", stats.unreadable());
        }
        output.text(
                "Freshness, published to served: %s",
                freshness
                        .map(value -> value.getRows() == 0
                                ? "nothing was published since the sampler started"
                                : "p50 %,d ms, p99 %,d ms, over %,d rows"
                                        .formatted(value.getP50Millis(), value.getP99Millis(), value.getRows()))
                        .orElse("no sampler answers"));
    }
}
