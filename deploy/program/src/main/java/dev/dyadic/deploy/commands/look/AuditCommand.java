package dev.dyadic.deploy.commands.look;

import dev.dyadic.deploy.audit.Audit;
import dev.dyadic.deploy.audit.AuditReport;
import dev.dyadic.deploy.commands.options.ClusterOptions;
import dev.dyadic.deploy.commands.options.OutputOptions;
import dev.dyadic.deploy.commands.options.SamplerOptions;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.print.ProgressBars;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.deploy.history.KafkaHistory;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.sampler.order.RunOrder;
import dev.dyadic.v1.SamplerProto.GetBatchRequest;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "audit",
        mixinStandardHelpOptions = true,
        description = {
            "Recomputes Laws 1 to 6 for a run, from the topics and the ledger alone. Names the law, topic, partition and"
                    + " offset of what is broken, and ends with exit code 4.",
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  dyadic audit pretrain",
            "  dyadic audit pretrain --since-step 120000",
            "  dyadic audit pretrain --served        also fetch every step from a sampler, and compare digests",
        })
public final class AuditCommand implements Callable<Integer> {
    @Mixin
    private OutputOptions outputOptions = new OutputOptions();

    @Mixin
    private ClusterOptions clusterOptions = new ClusterOptions();

    @Mixin
    private SamplerOptions samplerOptions = new SamplerOptions();

    @Parameters(paramLabel = "RUN", description = "Name of the run.")
    private String run = "";

    @Option(
            names = "--since-step",
            paramLabel = "STEP",
            description = "Of a live run, look only at the cycle that has this step and at those after it: their steps,"
                    + " the rows that came for them, and the documents of these rows.")
    private @Nullable Long sinceStep;

    @Option(names = "--since-cycle", paramLabel = "CYCLE", description = "The same, from this cycle on.")
    private @Nullable Integer sinceCycle;

    @Option(
            names = "--spill",
            paramLabel = "DIR",
            description = "Where to keep what would not fit into memory: about 24 bytes a row, and 48 a document of one"
                    + " partition; deleted at the end."
                    + " Default: the system's directory for temporary files.")
    private Path spill = Path.of(System.getProperty("java.io.tmpdir"));

    @Option(names = "--served", description = "Fetch every step from the sampler too, and compare digests.")
    private boolean served;

    @Override
    public Integer call() {
        if (sinceStep != null && sinceCycle != null) {
            throw new InvalidException("name --since-step or --since-cycle, not both");
        }
        Output output = outputOptions.open();
        Cluster cluster = clusterOptions.cluster();
        Corpus corpus = clusterOptions.openCorpus(cluster);
        AuditReport report;
        try (SamplerClient client = samplerOptions.connect();
                ProgressBar bar = ProgressBars.of("reading").build();
                KafkaHistory history = new KafkaHistory(cluster, corpus, ProgressBars.reading(bar));
                ProgressBar steps = ProgressBars.of("steps").build()) {
            Audit.Served digests = served ? digestsOf(client, run) : Audit.Served.nothing();
            Audit.Settings settings = new Audit.Settings(spill, 0, ProgressBars.reading(steps));
            report = sinceStep == null && sinceCycle == null
                    ? Audit.of(history, run, digests, settings)
                    : Audit.since(history, run, this::firstCycle, digests, settings);
        }
        output.json(report);
        print(output, report);
        return report.ok() ? ExitCodes.OK : ExitCodes.LAW_BROKEN;
    }

    private int firstCycle(RunOrder order) {
        if (sinceCycle != null) {
            return sinceCycle;
        }
        long step = Objects.requireNonNull(sinceStep);
        return order.cycleOf(step)
                .map(cycle -> Math.toIntExact(cycle.number()))
                .orElseThrow(() -> new InvalidException(
                        "run " + run + " has " + order.horizon() + " steps planned, but --since-step is " + step));
    }

    public static Audit.Served digestsOf(SamplerClient client, String run) {
        return step -> Optional.of(client.getBatch(GetBatchRequest.newBuilder()
                        .setRun(run)
                        .setStep(step)
                        .setLooking(true)
                        .build())
                .getDigest());
    }

    public static void print(Output output, AuditReport report) {
        output.text("Audit of run %s: %s", report.run(), report.ok() ? "every law holds" : "BROKEN");
        for (AuditReport.LawReport law : report.laws()) {
            output.text("  %s  %d %s: %s", law.ok() ? "ok    " : "BROKEN", law.law(), law.title(), law.detail());
        }
    }
}
