package dev.dyadic.deploy.lab;

import dev.dyadic.deploy.bench.ClientsBench;
import dev.dyadic.deploy.bench.DecomposeBench;
import dev.dyadic.deploy.bench.FairBench;
import dev.dyadic.deploy.bench.Figure;
import dev.dyadic.deploy.bench.FreshBench;
import dev.dyadic.deploy.bench.IngestBench;
import dev.dyadic.deploy.bench.PlanBench;
import dev.dyadic.deploy.bench.ReplicateBench;
import dev.dyadic.deploy.bench.RestartBench;
import dev.dyadic.deploy.bench.ServeBench;
import dev.dyadic.deploy.bench.TokenizeBench;
import dev.dyadic.deploy.commands.options.OutputOptions;
import dev.dyadic.deploy.commands.options.TokenizerPaths;
import dev.dyadic.deploy.commands.print.Facts;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.print.Table;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.ingest.document.DocumentRules;
import dev.dyadic.ingest.document.Fields;
import dev.dyadic.ingest.format.ReadSettings;
import dev.dyadic.proto.InvalidException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = {
            "Measures this machine: starts broker, decomposer and sampler over a temporary directory, fills them, and",
            "prints the median of some rounds, and the least and the most.",
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  dyadic bench serve",
            "  dyadic bench replicate --input medium.jsonl --rounds 7",
            "  dyadic bench plan -o json",
            "  dyadic bench tokenize --tokenizer Llama-3.1-8B/tokenizer.json --input medium.jsonl",
            "  dyadic bench ingest --input corpus.jsonl.zst --rounds 3",
            "  dyadic bench decompose --copies 1300 --rounds 3 --tokenizer bytes",
        })
final class BenchCommand implements Callable<Integer> {
    @Mixin
    private OutputOptions outputOptions = new OutputOptions();

    @Parameters(
            paramLabel = "WHAT",
            description =
                    "serve: batches to one client, next to a raw gRPC stream. clients: 64 clients next to 4."
                            + " fair: what 4 clients get beside others that do not read, wait, or trace."
                            + " restart: to the first batch after a kill. replicate: Kafka into segments, next to a bare"
                            + " consumer. plan: a bounded cycle over up to 10^9 rows. fresh: from publishing to serving."
                            + " tokenize: texts to ids by one thread. decompose: documents to rows by one thread, next to a copy of the documents. ingest: a file to documents, next to a bare producer.")
    private String what = "";

    @Option(names = "--input", paramLabel = "FILE", description = "Documents; default: the bundled sample, repeated.")
    private @Nullable Path input;

    @Option(names = "--copies", defaultValue = "40", description = "Of the bundled sample; default ${DEFAULT-VALUE}.")
    private int copies;

    @Option(
            names = "--rounds",
            defaultValue = "5",
            description = "How often each thing is measured; default ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(
            names = "--steps",
            defaultValue = "8000",
            description = "serve: steps of a round; default ${DEFAULT-VALUE}.")
    private int steps;

    @Option(
            names = "--seconds",
            defaultValue = "30",
            description = "fresh: seconds that count; clients and fair: ten times a round; default ${DEFAULT-VALUE}.")
    private int seconds;

    @Option(
            names = "--tokenizer",
            defaultValue = "r50k_base",
            description = "decompose: a tokenizer with a name. tokenize: that, or a tokenizer.json. Default"
                    + " ${DEFAULT-VALUE}.")
    private String tokenizer = "r50k_base";

    @Override
    public Integer call() {
        Output output = outputOptions.open();
        if (rounds < 1 || copies < 1 || steps < 1 || seconds < 1) {
            throw new InvalidException("--rounds, --copies, --steps and --seconds must be at least 1");
        }
        Optional<Path> file = Optional.ofNullable(input);
        List<Figure> figures = switch (what) {
            case "serve" -> ServeBench.run(file, copies, rounds, steps);
            case "clients" -> ClientsBench.run(file, copies, rounds, seconds * 100L, 4, 64);
            case "fair" -> FairBench.run(file, copies, rounds, seconds * 100L);
            case "restart" -> RestartBench.run(file, copies, rounds);
            case "replicate" -> ReplicateBench.run(file, copies, rounds);
            case "plan" -> PlanBench.run(rounds, List.of(1L, 10L, 100L, 1000L));
            case "fresh" -> FreshBench.run(seconds, 100);
            case "tokenize" -> TokenizeBench.run(file, copies, rounds, TokenizerPaths.textIds(tokenizer));
            case "ingest" ->
                IngestBench.run(
                        file.orElseThrow(() -> new InvalidException("bench ingest needs --input FILE")),
                        rounds,
                        ReadSettings.of(DocumentRules.of(Fields.DEFAULT, "bench")));
            case "decompose" -> DecomposeBench.run(file, copies, rounds, tokenizer);
            default ->
                throw new InvalidException(
                        "WHAT must be serve, clients, fair, restart, replicate, plan, fresh, tokenize, ingest or decompose, but was "
                                + what);
        };
        output.json(Facts.of("bench", what).and("figures", figures));
        Table table = new Table("figure", "median", "least", "most", "unit");
        for (Figure figure : figures) {
            table.row(
                    figure.name(), number(figure.median()), number(figure.min()), number(figure.max()), figure.unit());
        }
        output.table(table);
        return ExitCodes.OK;
    }

    private static String number(double value) {
        return value >= 100 || value == Math.rint(value) ? "%,.0f".formatted(value) : "%.3g".formatted(value);
    }
}
