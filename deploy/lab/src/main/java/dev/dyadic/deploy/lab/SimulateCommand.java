package dev.dyadic.deploy.lab;

import dev.dyadic.deploy.commands.options.OutputOptions;
import dev.dyadic.deploy.commands.print.Facts;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.print.ProgressBars;
import dev.dyadic.deploy.commands.print.Texts;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.sampler.simulate.PlantedBug;
import dev.dyadic.sampler.simulate.Simulation;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.LongStream;
import me.tongfei.progressbar.ProgressBar;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "simulate",
        mixinStandardHelpOptions = true,
        description = {
            "Lives of a few sampler replicas in memory, one for each seed: arrivals, races, crashes, lost disks,",
            "amendments, forks. Everything that is served is held against laws 1, 3, 4 and 6. Needs no Kafka.",
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  dyadic simulate --seeds 10000",
            "  dyadic simulate --first 4711 --seeds 1",
            "  dyadic simulate --bug lose-carry-over",
        })
final class SimulateCommand implements Callable<Integer> {
    private static final int MAX_SHOWN = 10;

    @Mixin
    private OutputOptions outputOptions = new OutputOptions();

    @Option(names = "--seeds", defaultValue = "1000", description = "How many seeds; default ${DEFAULT-VALUE}.")
    private long seeds;

    @Option(names = "--first", defaultValue = "0", description = "The first seed; default ${DEFAULT-VALUE}.")
    private long first;

    @Option(
            names = "--bug",
            defaultValue = "none",
            description = "Break the protocol, to see that it is found: none, skip-basis-check, act-before-read-back or"
                    + " lose-carry-over; default ${DEFAULT-VALUE}.")
    private String bug = "none";

    @Override
    public Integer call() {
        Output output = outputOptions.open();
        if (seeds < 1) {
            throw new InvalidException("--seeds must be at least 1, but was " + seeds);
        }
        PlantedBug planted = planted();
        Queue<Simulation.Result> broken = new ConcurrentLinkedQueue<>();
        Simulation.Counts counts;
        try (ProgressBar bar = ProgressBars.of("simulate").setInitialMax(seeds).build()) {
            counts = LongStream.range(first, first + seeds)
                    .parallel()
                    .mapToObj(seed -> {
                        Simulation.Result result = Simulation.run(seed, planted);
                        if (result.brokenLaw().isPresent()) {
                            broken.add(result);
                        }
                        bar.step();
                        return result.counts();
                    })
                    .reduce(Simulation.Counts.NONE, Simulation.Counts::plus);
        }
        List<Simulation.Result> shown = broken.stream()
                .sorted((a, b) -> Long.compare(a.seed(), b.seed()))
                .limit(MAX_SHOWN)
                .toList();
        output.json(Facts.of("seeds", seeds)
                .and("bug", bug)
                .and("counts", counts)
                .and("broken", broken.size())
                .and(
                        "examples",
                        shown.stream()
                                .map(result -> Facts.of("seed", result.seed())
                                        .and("law", result.brokenLaw().orElse("")))
                                .toList()));
        output.text(
                "%s: %,d steps served and checked; %,d cycles, %,d forks, %,d amendments, %,d records that lost a race,"
                        + " %,d rows shed",
                Texts.count(seeds, "seed"),
                counts.steps(),
                counts.cycles(),
                counts.forks(),
                counts.amendments(),
                counts.lostRaces(),
                counts.shedRows());
        for (Simulation.Result result : shown) {
            output.text("  seed %d: %s", result.seed(), result.brokenLaw().orElse(""));
        }
        output.text("%s", broken.isEmpty() ? "Every law holds." : "%,d seeds break a law.".formatted(broken.size()));
        return broken.isEmpty() ? ExitCodes.OK : ExitCodes.FAILED;
    }

    private PlantedBug planted() {
        for (PlantedBug value : PlantedBug.values()) {
            if (value.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(bug)) {
                return value;
            }
        }
        throw new InvalidException(
                "--bug must be none, skip-basis-check, act-before-read-back or lose-carry-over, but was " + bug);
    }
}
