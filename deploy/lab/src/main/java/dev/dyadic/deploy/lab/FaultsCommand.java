package dev.dyadic.deploy.lab;

import dev.dyadic.deploy.commands.options.OutputOptions;
import dev.dyadic.deploy.commands.print.Facts;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.print.Table;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.deploy.faults.FaultRun;
import dev.dyadic.proto.InvalidException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "faults",
        mixinStandardHelpOptions = true,
        description = {
            "Starts brokers, decomposer, two samplers and a trainer as processes, once for each seed, and lets things",
            "happen to them: kill -9, SIGSTOP, brokers that are gone or silent, links that are cut, disks that are",
            "deleted, full, cut or have a bit flipped, clocks that jump (where libfaketime is installed), documents of",
            "megabytes, retention. Then every document, token and row has to be accounted for, and a new sampler has",
            "to serve every step with the same bytes. Takes about a minute a seed.",
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  dyadic faults --seeds 5",
            "  dyadic faults --first 17 --seeds 1 --faults 12",
            "  dyadic faults --brokers 3 --seeds 3"
        })
final class FaultsCommand implements Callable<Integer> {
    @Mixin
    private OutputOptions outputOptions = new OutputOptions();

    @Option(names = "--seeds", defaultValue = "1", description = "How many seeds; default ${DEFAULT-VALUE}.")
    private int seeds;

    @Option(names = "--first", defaultValue = "0", description = "The first seed; default ${DEFAULT-VALUE}.")
    private long first;

    @Option(names = "--faults", defaultValue = "6", description = "Faults of each seed; default ${DEFAULT-VALUE}.")
    private int faults;

    @Option(
            names = "--brokers",
            defaultValue = "1",
            description = "1 or 3; with three, brokers are also rolled, two of them killed at once, and one loses its"
                    + " disk. Default ${DEFAULT-VALUE}.")
    private int brokers;

    /// From the end of a fault to the next new step, over all seeds.
    private static Table recoveries(List<FaultRun.Result> results) {
        Map<String, List<Double>> seconds = new TreeMap<>();
        results.forEach(result -> result.recoveries()
                .forEach(recovery -> seconds.computeIfAbsent(recovery.fault(), _ -> new ArrayList<>())
                        .add(recovery.seconds())));
        Table table = new Table("fault", "times", "next new step after, median", "at most");
        seconds.forEach((fault, values) -> {
            values.sort(null);
            table.row(
                    fault.toLowerCase(Locale.ROOT).replace('_', ' '),
                    values.size(),
                    "%.1f s".formatted(values.get(values.size() / 2)),
                    "%.1f s".formatted(values.getLast()));
        });
        return table;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Output output = outputOptions.open();
        if (seeds < 1 || faults < 1) {
            throw new InvalidException("--seeds and --faults must be at least 1");
        }
        if (brokers != 1 && brokers != 3) {
            throw new InvalidException("--brokers must be 1 or 3, but was " + brokers);
        }
        List<FaultRun.Result> results = new ArrayList<>();
        for (long seed = first; seed < first + seeds; seed++) {
            FaultRun.Result result = FaultRun.run(seed, brokers, faults, line -> output.note("%s", line));
            results.add(result);
            output.note(
                    "seed %d: %s; %,d documents, %,d steps compared, calls that failed meanwhile %s, %.0f s",
                    seed,
                    result.problems().isEmpty() ? "every law holds" : "BROKEN: " + result.problems(),
                    result.documents(),
                    result.stepsCompared(),
                    result.refusals(),
                    result.seconds());
        }
        long broken =
                results.stream().filter(result -> !result.problems().isEmpty()).count();
        output.json(Facts.of("seeds", seeds).and("broken", broken).and("results", results));
        Table table = new Table("seed", "documents", "steps compared", "starts", "seconds", "verdict");
        for (FaultRun.Result result : results) {
            table.row(
                    result.seed(),
                    result.documents(),
                    result.stepsCompared(),
                    result.restarts(),
                    (long) result.seconds(),
                    result.problems().isEmpty() ? "every law holds" : String.join("; ", result.problems()));
        }
        output.table(table);
        output.table(recoveries(results));
        return broken == 0 ? ExitCodes.OK : ExitCodes.LAW_BROKEN;
    }
}
