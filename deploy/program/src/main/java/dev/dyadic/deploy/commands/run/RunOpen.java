package dev.dyadic.deploy.commands.run;

import dev.dyadic.deploy.commands.options.CurriculumOptions;
import dev.dyadic.deploy.commands.options.MixtureOptions;
import dev.dyadic.deploy.commands.options.SamplerCommand;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.Split;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.v1.SamplerProto;
import dev.dyadic.v1.SamplerProto.Bounded;
import dev.dyadic.v1.SamplerProto.Live;
import dev.dyadic.v1.SamplerProto.Mixture;
import dev.dyadic.v1.SamplerProto.RunDescription;
import dev.dyadic.v1.SamplerProto.RunSpec;
import dev.dyadic.v1.SamplerProto.Weighting;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

@Command(
        name = "open",
        mixinStandardHelpOptions = true,
        description = "Opens a run, or finds the one of that name. The same name with another spec is refused.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  dyadic run open pretrain --tokens-per-step 64Ki --cycles 8",
            "  dyadic run open live --live --tokens-per-step 64Ki --cycle-tokens 16Mi --max-wait 60s",
            "  dyadic run open eval --split holdout --tokens-per-step 64Ki --curriculum uniform",
            "  dyadic run open mine --tokens-per-step 8Ki --curriculum odds --odds 8,4,4,2,1,1,1,1",
            "  dyadic run open mix --live --tokens-per-step 64Ki --source-weights wiki=3,code=1"
                    + " --backlog-tokens 10M",
        })
final class RunOpen extends SamplerCommand {
    private static final List<String> OF_LIVE = List.of("--cycle-tokens", "--min-cycle-tokens", "--max-wait");
    private static final List<String> OF_BOUNDED = List.of("--cycles", "--passes");

    @Parameters(paramLabel = "NAME", description = "Name of the run.")
    private String name = "";

    @Option(
            names = "--tokens-per-step",
            required = true,
            paramLabel = "TOKENS",
            description = "Positions of every step, such as 8Ki (8,192): a multiple of the longest length.")
    private long tokensPerStep;

    @Option(names = "--seed", defaultValue = "0", description = "Seed of the order; default ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--min-length",
            defaultValue = "0",
            description = "Shortest length of the run; default: the corpus's shortest.")
    private int minLength;

    @Option(
            names = "--max-length",
            defaultValue = "0",
            description = "Longest length of the run; default: the corpus's longest.")
    private int maxLength;

    @Mixin
    private CurriculumOptions curriculumOptions = new CurriculumOptions();

    @Mixin
    private MixtureOptions mixtureOptions = new MixtureOptions();

    @Option(names = "--split", defaultValue = "train", description = "train or holdout; default ${DEFAULT-VALUE}.")
    private String split = "train";

    @Option(
            names = "--start",
            defaultValue = "earliest",
            description = "earliest, latest, or an instant like 2026-01-31T12:00:00Z; default ${DEFAULT-VALUE}.")
    private String start = "earliest";

    @Option(names = "--cycles", defaultValue = "1", description = "Per pass; default ${DEFAULT-VALUE}.")
    private int cycles;

    @Option(
            names = "--passes",
            defaultValue = "1",
            description = "How often every row comes; default ${DEFAULT-VALUE}.")
    private int passes;

    @Option(names = "--live", description = "Go on as documents arrive, in place of what is there now.")
    private boolean live;

    @Option(
            names = "--cycle-tokens",
            defaultValue = "0",
            paramLabel = "TOKENS",
            description = "Live: size of a cycle; default 256 steps.")
    private long cycleTokens;

    @Option(
            names = "--min-cycle-tokens",
            defaultValue = "0",
            paramLabel = "TOKENS",
            description = "Live: enough for a cycle after --max-wait; default one step.")
    private long minCycleTokens;

    @Option(
            names = "--max-wait",
            defaultValue = "10s",
            paramLabel = "TIME",
            description = "Live: how long to wait for a whole cycle; default ${DEFAULT-VALUE}.")
    private Duration maxWait = Duration.ofSeconds(10);

    @Spec
    private @Nullable CommandSpec command;

    @Override
    protected void run(Output output, SamplerClient client) {
        requireOptionsOfExtent();
        RunDescription run = client.openRun(name, spec());
        RunPrinter.print(output, run);
        RunDescription described = client.describeRun(name);
        RunPrinter.warnOfShed(output, described);
        RunPrinter.warnOfSources(output, described, client.describeCorpus());
        if (run.hasTotalSteps() && run.getTotalSteps() == 0) {
            throw new DyadicException(
                    DyadicException.Kind.NOT_READY,
                    run.getClosed()
                            ? "run " + name + " was closed before it had a step; open another"
                            : "run " + name + " is open and has no step: no length has a whole one"
                                    + (run.getSpec().hasMixture() ? ", of the sources that have a weight" : "")
                                    + "; open another with fewer tokens per step, other weights, or more data");
        }
        if (run.getSpec().getSplit() == SamplerProto.Split.SPLIT_TRAIN) {
            output.next("train " + name + " --steps " + (run.hasTotalSteps() ? Math.min(20, run.getTotalSteps()) : 20)
                    + samplerArgument());
        }
    }

    /// What the other kind of run has would be left out in silence.
    private void requireOptionsOfExtent() {
        ParseResult given = Objects.requireNonNull(command).commandLine().getParseResult();
        for (String option : live ? OF_BOUNDED : OF_LIVE) {
            if (given.hasMatchedOption(option)) {
                throw new InvalidException(option + " is for " + (live ? "bounded" : "live")
                        + " runs: leave it out, or " + (live ? "leave out" : "add") + " --live");
            }
        }
    }

    private RunSpec spec() {
        Split parsed = Split.of(split);
        RunSpec.Builder spec = RunSpec.newBuilder()
                .setSeed(seed)
                .setTokensPerStep(tokensPerStep)
                .setMinLength(minLength)
                .setMaxLength(maxLength)
                .setCurriculum(curriculumOptions.curriculum())
                .addAllOdds(curriculumOptions.odds())
                .setWeighting(
                        curriculumOptions.oddsAlone() ? Weighting.WEIGHTING_ODDS : Weighting.WEIGHTING_ODDS_TIMES_STEPS)
                .setSplit(
                        switch (parsed) {
                            case TRAIN -> SamplerProto.Split.SPLIT_TRAIN;
                            case HOLDOUT -> SamplerProto.Split.SPLIT_HOLDOUT;
                        })
                .setStart(start);
        mixtureOptions.parse(Mixture.getDefaultInstance()).ifPresent(spec::setMixture);
        if (live) {
            spec.setLive(Live.newBuilder()
                    .setCycleTokens(cycleTokens == 0 ? 256 * tokensPerStep : cycleTokens)
                    .setMinCycleTokens(minCycleTokens)
                    .setMaxWaitMillis(maxWait.toMillis()));
        } else {
            spec.setBounded(Bounded.newBuilder().setCycles(cycles).setPasses(passes));
        }
        return spec.build();
    }
}
