package dev.dyadic.deploy.cli;

import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.sampler.wire.Slice;
import dev.dyadic.v1.AmendRunRequest;
import dev.dyadic.v1.AmendRunResponse;
import dev.dyadic.v1.Bounded;
import dev.dyadic.v1.ForkRunRequest;
import dev.dyadic.v1.Live;
import dev.dyadic.v1.Mixture;
import dev.dyadic.v1.RunDescription;
import dev.dyadic.v1.RunPool;
import dev.dyadic.v1.RunSpec;
import dev.dyadic.v1.Split;
import dev.dyadic.v1.Weighting;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = "Opens, lists, describes and changes runs: training jobs' views of a corpus.",
        subcommands = {
            RunCommand.Open.class,
            RunCommand.ListAll.class,
            RunCommand.Describe.class,
            RunCommand.Amend.class,
            RunCommand.ForkOff.class,
            RunCommand.Close.class,
            RunSteps.class,
        })
final class RunCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        spec.commandLine().usage(System.out);
        return ExitCodes.USAGE;
    }

    private static void print(Output output, RunDescription run) {
        RunFacts facts = RunFacts.of(run);
        output.json(facts);
        output.text("Run %s, id %d", facts.name(), facts.id());
        fact(output, "extent", facts.extent());
        fact(output, "curriculum", facts.curriculum() + ", weighting " + facts.weighting());
        fact(output, "split", facts.split());
        fact(output, "start", facts.start());
        fact(output, "seed", facts.seed());
        fact(output, "tokens per step", facts.tokensPerStep());
        fact(
                output,
                "even ranks",
                Slice.evenWorlds(facts.tokensPerStep(), facts.maxLength()).stream()
                                .map(String::valueOf)
                                .collect(Collectors.joining(", "))
                        + " (with others, some have a row more)");
        fact(output, "lengths", facts.minLength() + ".." + facts.maxLength());
        fact(output, "tokenizer", facts.tokenizer() + ", " + facts.vocabularySize() + " ids");
        fact(output, "mixture", facts.mixture());
        if (!facts.forks().isEmpty()) {
            fact(output, "forks", String.join(", ", facts.forks()));
        }
        if (facts.forkedFrom() != null) {
            fact(output, "forked from", facts.forkedFrom());
        }
        if (facts.amended()) {
            fact(output, "next cycles", facts.inForce());
        }
        fact(
                output,
                "planned",
                Texts.count(facts.stepsPlanned(), "step") + " in " + Texts.count(facts.cyclesPlanned(), "cycle")
                        + (facts.closed() ? "; closed" : ""));
        fact(output, "total steps", facts.totalSteps() == null ? "not bounded" : facts.totalSteps());
        fact(output, "committed", facts.committedStep() == null ? "nothing" : "after step " + facts.committedStep());
    }

    /// Weights of a bounded run take from every pool what the scarcest one allows.
    private static void warnOfShed(Output output, RunDescription run) {
        long shed = run.getPoolsList().stream().mapToLong(RunPool::getShed).sum();
        long admitted =
                run.getPoolsList().stream().mapToLong(RunPool::getAdmitted).sum();
        if (shed > 0) {
            output.note(
                    "The weights leave out %,d of %,d rows: each pool gives in proportion to the scarcest one.",
                    shed, admitted);
        }
    }

    private static void printPools(Output output, RunDescription run) {
        if (run.getPoolsCount() == 0) {
            return;
        }
        Table table = new Table("length", "source", "admitted", "dealt", "pending", "shed");
        for (RunPool pool : run.getPoolsList()) {
            table.row(
                    pool.getLength(),
                    pool.getSource(),
                    pool.getAdmitted(),
                    pool.getDealt(),
                    pool.getPending(),
                    pool.getShed());
        }
        output.table(table);
    }

    private static void fact(Output output, String name, Object value) {
        output.text("  %-16s %s", name, value instanceof Long number ? "%,d".formatted(number) : value);
    }

    @Command(
            name = "open",
            mixinStandardHelpOptions = true,
            description = "Opens a run, or finds the one of that name. The same name with another spec is refused.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  dyadic run open pretrain --tokens-per-step 65536 --cycles 8",
                "  dyadic run open live --live --tokens-per-step 65536 --cycle-tokens 16777216 --max-wait 60000",
                "  dyadic run open eval --split holdout --tokens-per-step 65536 --curriculum uniform",
                "  dyadic run open mine --tokens-per-step 8192 --curriculum odds --odds 8,4,4,2,1,1,1,1",
                "  dyadic run open mix --live --tokens-per-step 65536 --source-weights wiki=3,code=1"
                        + " --backlog-tokens 10000000",
            })
    static final class Open implements Callable<Integer> {
        @Mixin
        private OutputOptions outputOptions = new OutputOptions();

        @Mixin
        private SamplerOptions samplerOptions = new SamplerOptions();

        @Parameters(paramLabel = "NAME", description = "Name of the run.")
        private String name = "";

        @Option(
                names = "--tokens-per-step",
                required = true,
                paramLabel = "TOKENS",
                description = "Positions of every step: a multiple of the longest length.")
        private long tokensPerStep;

        @Option(names = "--seed", defaultValue = "0", description = "Default ${DEFAULT-VALUE}.")
        private long seed;

        @Option(names = "--min-length", defaultValue = "0", description = "Default: the corpus's shortest.")
        private int minLength;

        @Option(names = "--max-length", defaultValue = "0", description = "Default: the corpus's longest.")
        private int maxLength;

        @Option(
                names = "--curriculum",
                defaultValue = "grow-p2",
                description =
                        "uniform, grow-linear, grow-p2, grow-p100, shrink-p100, or odds; default ${DEFAULT-VALUE}.")
        private String curriculum = "grow-p2";

        @Option(names = "--odds", split = ",", description = "For --curriculum odds: integers, shortest length first.")
        private List<String> odds = List.of();

        @Option(
                names = "--odds-alone",
                description = "Draw by the odds alone, and not by odds times steps that a length has.")
        private boolean oddsAlone;

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

        @Option(names = "--passes", defaultValue = "1", description = "Default ${DEFAULT-VALUE}.")
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
                defaultValue = "10000",
                paramLabel = "MILLIS",
                description = "Live: default ${DEFAULT-VALUE}.")
        private long maxWaitMillis;

        @Override
        public Integer call() {
            Output output = outputOptions.open();
            try (SamplerClient client = samplerOptions.connect()) {
                RunDescription run = client.openRun(name, spec());
                print(output, run);
                warnOfShed(output, client.describeRun(name));
                if (run.hasTotalSteps() && run.getTotalSteps() == 0) {
                    output.note(
                            "The run has no step: no length has a whole one. Use fewer tokens per step, or more data.");
                } else if (run.getSpec().getSplit() == Split.SPLIT_TRAIN) {
                    output.next("train " + name + " --steps "
                            + (run.hasTotalSteps() ? Math.min(20, run.getTotalSteps()) : 20));
                }
            }
            return ExitCodes.OK;
        }

        private RunSpec spec() {
            dev.dyadic.proto.Split parsed = dev.dyadic.proto.Split.of(split);
            RunSpec.Builder spec = RunSpec.newBuilder()
                    .setSeed(seed)
                    .setTokensPerStep(tokensPerStep)
                    .setMinLength(minLength)
                    .setMaxLength(maxLength)
                    .setCurriculum(curriculum)
                    .addAllOdds(odds)
                    .setWeighting(oddsAlone ? Weighting.WEIGHTING_ODDS : Weighting.WEIGHTING_ODDS_TIMES_STEPS)
                    .setSplit(
                            switch (parsed) {
                                case TRAIN -> Split.SPLIT_TRAIN;
                                case HOLDOUT -> Split.SPLIT_HOLDOUT;
                            })
                    .setStart(start);
            mixtureOptions.parse(Mixture.getDefaultInstance()).ifPresent(spec::setMixture);
            if (live) {
                spec.setLive(Live.newBuilder()
                        .setCycleTokens(cycleTokens == 0 ? 256 * tokensPerStep : cycleTokens)
                        .setMinCycleTokens(minCycleTokens)
                        .setMaxWaitMillis(maxWaitMillis));
            } else {
                spec.setBounded(Bounded.newBuilder().setCycles(cycles).setPasses(passes));
            }
            return spec.build();
        }
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "Lists the runs of a corpus.",
            footerHeading = "%nExample:%n",
            footer = "  dyadic run list -o json")
    static final class ListAll implements Callable<Integer> {
        @Mixin
        private OutputOptions outputOptions = new OutputOptions();

        @Mixin
        private SamplerOptions samplerOptions = new SamplerOptions();

        @Override
        public Integer call() {
            Output output = outputOptions.open();
            try (SamplerClient client = samplerOptions.connect()) {
                List<RunFacts> runs =
                        client.listRuns().stream().map(RunFacts::of).toList();
                output.json(java.util.Map.of("runs", runs));
                Table table = new Table("run", "id", "curriculum", "tokens/step", "steps", "total", "committed");
                for (RunFacts run : runs) {
                    table.row(
                            run.name(),
                            run.id(),
                            run.curriculum(),
                            run.tokensPerStep(),
                            run.stepsPlanned(),
                            run.totalSteps() == null ? "-" : run.totalSteps(),
                            run.committedStep() == null ? "-" : run.committedStep());
                }
                output.table(table);
            }
            return ExitCodes.OK;
        }
    }

    @Command(
            name = "describe",
            mixinStandardHelpOptions = true,
            description = "Describes a run: its spec, what is planned, what is committed.",
            footerHeading = "%nExample:%n",
            footer = "  dyadic run describe pretrain")
    static final class Describe implements Callable<Integer> {
        @Mixin
        private OutputOptions outputOptions = new OutputOptions();

        @Mixin
        private SamplerOptions samplerOptions = new SamplerOptions();

        @Parameters(paramLabel = "NAME", description = "Name of the run.")
        private String name = "";

        @Override
        public Integer call() {
            Output output = outputOptions.open();
            try (SamplerClient client = samplerOptions.connect()) {
                RunDescription run = client.describeRun(name);
                print(output, run);
                printPools(output, run);
            }
            return ExitCodes.OK;
        }
    }

    @Command(
            name = "amend",
            mixinStandardHelpOptions = true,
            description = "Changes how the cycles of a run are planned from now on, and says from which step that is.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  dyadic run amend live --source-weights wiki=1,code=3,others=1",
                "  dyadic run amend pretrain --curriculum grow-p100",
            })
    static final class Amend implements Callable<Integer> {
        @Mixin
        private OutputOptions outputOptions = new OutputOptions();

        @Mixin
        private SamplerOptions samplerOptions = new SamplerOptions();

        @Mixin
        private PolicyOptions policy = new PolicyOptions();

        @Parameters(paramLabel = "NAME", description = "Name of the run.")
        private String name = "";

        @Override
        public Integer call() {
            Output output = outputOptions.open();
            AmendRunRequest.Builder request = AmendRunRequest.newBuilder()
                    .setRun(name)
                    .setCurriculum(policy.curriculum())
                    .addAllOdds(policy.odds())
                    .setWeighting(policy.weighting());
            try (SamplerClient client = samplerOptions.connect()) {
                policy.mixture()
                        .parse(client.describeRun(name).getInForce().getMixture())
                        .ifPresent(request::setMixture);
                AmendRunResponse response = client.amendRun(request.build());
                RunFacts facts = RunFacts.of(response.getRun());
                output.json(java.util.Map.of(
                        "run", facts, "cycle", response.getCycle(), "firstStep", response.getFirstStep()));
                output.text(
                        "Run %s is amended from cycle %,d on, which begins with step %,d: %s",
                        name, response.getCycle(), response.getFirstStep(), facts.inForce());
            }
            return ExitCodes.OK;
        }
    }

    @Command(
            name = "fork",
            mixinStandardHelpOptions = true,
            description = "Makes a run that has another's steps up to one, and goes on from there in its own way.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  dyadic run fork retry --from pretrain --step 41000 --skip 200",
                "  dyadic run fork late --from live --step 9000 --seed 7 --curriculum uniform",
            })
    static final class ForkOff implements Callable<Integer> {
        @Mixin
        private OutputOptions outputOptions = new OutputOptions();

        @Mixin
        private SamplerOptions samplerOptions = new SamplerOptions();

        @Mixin
        private PolicyOptions policy = new PolicyOptions();

        @Parameters(paramLabel = "NAME", description = "Name of the new run.")
        private String name = "";

        @Option(names = "--from", required = true, paramLabel = "RUN", description = "The run to fork.")
        private String parent = "";

        @Option(
                names = "--step",
                required = true,
                description = "The first step that is its own; those below are the parent's.")
        private long step;

        @Option(
                names = "--skip",
                defaultValue = "0",
                paramLabel = "STEPS",
                description = "Leave out so many of the parent's steps from there on; default ${DEFAULT-VALUE}.")
        private long skip;

        @Option(names = "--seed", description = "Default: the parent's.")
        private @Nullable Long seed;

        @Override
        public Integer call() {
            Output output = outputOptions.open();
            ForkRunRequest.Builder request = ForkRunRequest.newBuilder()
                    .setName(name)
                    .setParent(parent)
                    .setStep(step)
                    .setSkip(skip)
                    .setCurriculum(policy.curriculum())
                    .addAllOdds(policy.odds())
                    .setWeighting(policy.weighting());
            if (seed != null) {
                request.setSeed(seed);
            }
            try (SamplerClient client = samplerOptions.connect()) {
                policy.mixture()
                        .parse(client.describeRun(parent).getInForce().getMixture())
                        .ifPresent(request::setMixture);
                print(output, client.forkRun(request.build()));
            }
            return ExitCodes.OK;
        }
    }

    @Command(
            name = "close",
            mixinStandardHelpOptions = true,
            description = "Ends the planning of a run. What is planned can be served for ever.",
            footerHeading = "%nExample:%n",
            footer = "  dyadic run close live")
    static final class Close implements Callable<Integer> {
        @Mixin
        private OutputOptions outputOptions = new OutputOptions();

        @Mixin
        private SamplerOptions samplerOptions = new SamplerOptions();

        @Parameters(paramLabel = "NAME", description = "Name of the run.")
        private String name = "";

        @Override
        public Integer call() {
            Output output = outputOptions.open();
            try (SamplerClient client = samplerOptions.connect()) {
                print(output, client.closeRun(name));
            }
            return ExitCodes.OK;
        }
    }
}
