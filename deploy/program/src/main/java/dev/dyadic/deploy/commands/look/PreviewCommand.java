package dev.dyadic.deploy.commands.look;

import dev.dyadic.deploy.commands.options.CurriculumOptions;
import dev.dyadic.deploy.commands.options.OutputOptions;
import dev.dyadic.deploy.commands.options.SamplerOptions;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.print.Table;
import dev.dyadic.deploy.commands.print.Texts;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.deploy.preview.BucketTable;
import dev.dyadic.deploy.preview.Preview;
import dev.dyadic.deploy.preview.PreviewSvg;
import dev.dyadic.deploy.preview.PreviewText;
import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.Weighting;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.sampler.order.Curriculum;
import dev.dyadic.sampler.order.MixtureWeights;
import dev.dyadic.sampler.order.Policy;
import dev.dyadic.v1.SamplerProto.CorpusDescription;
import dev.dyadic.v1.SamplerProto.PoolDescription;
import dev.dyadic.v1.SamplerProto.Split;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "preview",
        mixinStandardHelpOptions = true,
        description = {
            "Shows a curriculum as it would be dealt: length by step, tokens by length and cycle, average context length,",
            "and the cost of attention next to training on chunks of the longest length. The lengths come from a",
            "built-in table, from numbers that are typed in, or from a corpus.",
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  dyadic preview --table natural --curriculum grow-p2 --cycles 8",
            "  dyadic preview --sequences 64=5726,128=5609,256=4845 --tokens-per-step 16384 --svg preview.svg",
            "  dyadic preview --of-corpus --curriculum grow-p100",
        })
public final class PreviewCommand implements Callable<Integer> {
    private static final int COLUMNS = 72;
    private static final int SVG_COLUMNS = 360;
    private static final int MAX_CYCLES_SHOWN = 16;

    @Mixin
    private OutputOptions outputOptions = new OutputOptions();

    @Mixin
    private SamplerOptions samplerOptions = new SamplerOptions();

    @Option(
            names = "--table",
            defaultValue = "natural",
            description = "natural, equal, 1k-only, at-most-2k, at-least-256 (table 1 of the paper, 96 Gi tokens each),"
                    + " wikipedia or dclm (published by its authors); default ${DEFAULT-VALUE}.")
    private String table = "natural";

    @Option(
            names = "--sequences",
            split = ",",
            paramLabel = "LENGTH=COUNT",
            description = "Sequences of each length, in place of a table.")
    private Map<Long, Long> sequences = new TreeMap<>();

    @Option(names = "--of-corpus", description = "What the sampler's corpus has now, in place of a table.")
    private boolean ofCorpus;

    @Mixin
    private CurriculumOptions curriculumOptions = new CurriculumOptions();

    @Option(
            names = "--length-weights",
            split = ",",
            paramLabel = "WEIGHT",
            description = "Parts of the tokens for each length, shortest first. Default: all that is there.")
    private List<Long> lengthWeights = List.of();

    @Option(names = "--cycles", defaultValue = "8", description = "Cycles of a pass; default ${DEFAULT-VALUE}.")
    private int cycles;

    @Option(
            names = "--tokens-per-step",
            defaultValue = "524288",
            paramLabel = "TOKENS",
            description = "A multiple of the longest length; default ${DEFAULT-VALUE}.")
    private long tokensPerStep;

    @Option(names = "--seed", defaultValue = "0", description = "Seed of the order; default ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--svg", paramLabel = "FILE", description = "Write the picture there too.")
    private @Nullable Path svg;

    @Override
    public Integer call() {
        Output output = outputOptions.open();
        BucketTable chosen = chosen();
        Policy policy = new Policy(
                Curriculum.of(curriculumOptions.curriculum(), chosen.buckets(), curriculumOptions.odds()),
                curriculumOptions.oddsAlone() ? Weighting.ODDS : Weighting.ODDS_TIMES_STEPS,
                new MixtureWeights(Collections.emptyNavigableMap(), 1, lengthWeights, 0));
        Preview preview = Preview.of(chosen, policy, tokensPerStep, cycles, seed, COLUMNS);
        String title = "%s, %s, %s of %,d tokens"
                .formatted(
                        chosen.name(),
                        curriculumOptions.curriculum(),
                        Texts.count(preview.steps(), "step"),
                        tokensPerStep);
        if (svg != null) {
            write(svg, PreviewSvg.of(Preview.of(chosen, policy, tokensPerStep, cycles, seed, SVG_COLUMNS), title));
        }
        output.json(facts(preview));
        output.text("%s", title);
        output.text("%s", Output.lines(PreviewText.of(preview).stripTrailing()));
        output.table(lengths(preview));
        output.table(byCycle(preview));
        output.text(
                "Average sequence length %,.0f, average context length %,.0f (as table 1 of the paper defines them; of the"
                        + " whole table %,.0f and %,.0f)",
                preview.averages().sequenceLength(),
                preview.averages().contextLength(),
                preview.tableAverages().sequenceLength(),
                preview.tableAverages().contextLength());
        output.text(
                "Attention costs %.1f %% of what it costs on chunks of %,d tokens",
                100 * preview.attentionCost(), preview.buckets().maxLength());
        if (svg != null) {
            output.text("Picture: %s", svg);
        }
        return ExitCodes.OK;
    }

    private BucketTable chosen() {
        if (ofCorpus && !sequences.isEmpty()) {
            throw new InvalidException("name --of-corpus or --sequences, and not both");
        }
        if (!ofCorpus) {
            return sequences.isEmpty() ? BucketTable.named(table) : BucketTable.of("typed in", sequences);
        }
        try (SamplerClient client = samplerOptions.connect()) {
            CorpusDescription corpus = client.describeCorpus();
            Map<Long, Long> rows = new TreeMap<>();
            for (long length = corpus.getMinLength(); length <= corpus.getMaxLength(); length *= 2) {
                rows.put(length, 0L);
            }
            for (PoolDescription pool : corpus.getPoolsList()) {
                if (pool.getSplit() == Split.SPLIT_TRAIN) {
                    rows.merge((long) pool.getLength(), pool.getRows(), Long::sum);
                }
            }
            return BucketTable.of("corpus " + corpus.getCorpus(), rows);
        }
    }

    private static Table lengths(Preview preview) {
        Table table = new Table("length", "sequences", "tokens", "share", "steps", "dealt");
        long total = preview.table().tokens();
        preview.table().sequences().forEach((bucket, count) -> {
            long steps = preview.cycles().stream()
                    .mapToLong(cycle -> cycle.getOrDefault(bucket, 0L))
                    .sum();
            long dealt = steps * bucket.rows(preview.tokensPerStep());
            table.row(
                    bucket.length(),
                    count,
                    bucket.positions(count),
                    "%.1f %%".formatted(100.0 * bucket.positions(count) / total),
                    steps,
                    count == 0 ? "-" : "%.1f %%".formatted(100.0 * dealt / count));
        });
        return table;
    }

    private static Table byCycle(Preview preview) {
        String[] header = new String[preview.buckets().count() + 1];
        header[0] = "steps by cycle";
        for (int i = 1; i < header.length; i++) {
            header[i] = preview.buckets().get(i - 1).toString();
        }
        Table table = new Table(header);
        for (int number = 0;
                number < Math.min(MAX_CYCLES_SHOWN, preview.cycles().size());
                number++) {
            Object[] row = new Object[header.length];
            row[0] = Integer.toString(number);
            for (int i = 1; i < header.length; i++) {
                row[i] = preview.cycles()
                        .get(number)
                        .getOrDefault(preview.buckets().get(i - 1), 0L);
            }
            table.row(row);
        }
        return table;
    }

    private static Map<String, Object> facts(Preview preview) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("table", preview.table().name());
        facts.put("steps", preview.steps());
        facts.put("tokensPerStep", preview.tokensPerStep());
        facts.put("averageSequenceLength", preview.averages().sequenceLength());
        facts.put("averageContextLength", preview.averages().contextLength());
        facts.put("attentionCost", preview.attentionCost());
        facts.put(
                "stepsByLengthAndCycle",
                preview.cycles().stream().map(PreviewCommand::byLength).toList());
        return facts;
    }

    private static Map<Integer, Long> byLength(NavigableMap<Bucket, Long> byBucket) {
        Map<Integer, Long> byLength = new TreeMap<>();
        byBucket.forEach((bucket, count) -> byLength.put(bucket.length(), count));
        return byLength;
    }

    private static void write(Path file, String content) {
        try {
            Files.writeString(file, content);
        } catch (IOException e) {
            throw new InvalidException("--svg must be a file that can be written, but " + file + " is not: " + e, e);
        }
    }
}
