package dev.dyadic.deploy.commands.service;

import dev.dyadic.deploy.commands.options.Amounts;
import dev.dyadic.deploy.commands.options.ClusterOptions;
import dev.dyadic.deploy.commands.options.HostPort;
import dev.dyadic.deploy.commands.options.ListenOptions;
import dev.dyadic.deploy.commands.options.OpsOptions;
import dev.dyadic.deploy.commands.options.OutputOptions;
import dev.dyadic.deploy.commands.options.ReadOptions;
import dev.dyadic.deploy.commands.print.Facts;
import dev.dyadic.deploy.commands.print.IngestBar;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.print.Texts;
import dev.dyadic.deploy.commands.process.Completion;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.deploy.commands.process.Interruption;
import dev.dyadic.deploy.commands.process.LeastHeap;
import dev.dyadic.deploy.ops.OpsServer;
import dev.dyadic.ingest.Ingest;
import dev.dyadic.ingest.IngestReport;
import dev.dyadic.ingest.IngestServer;
import dev.dyadic.ingest.RefusalLimit;
import dev.dyadic.ingest.Sample;
import dev.dyadic.ingest.bytes.Input;
import dev.dyadic.ingest.bytes.Inputs;
import dev.dyadic.ingest.document.Parsed;
import dev.dyadic.ingest.format.ReadSettings;
import dev.dyadic.ingest.job.Job;
import dev.dyadic.proto.Digests;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.avro.Document;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.KafkaWatch;
import dev.dyadic.proto.rpc.ListenSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "ingest",
        mixinStandardHelpOptions = true,
        description = {
            "Publishes the documents of files, of folders with all that is below them, or of standard input: JSON (lines, an"
                    + " array, objects one after the other), Parquet, WARC and WET, or texts that are a document each. They"
                    + " may be packed with gzip, zstd, bzip2 or xz.",
            "A second start of the same command goes on where the first one stopped: see dyadic jobs.",
            "With --listen, takes documents over gRPC (dyadic.v1.Ingest), until Ctrl-C.",
            "Exit code 1: an input failed or is damaged, or too much was refused.",
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  dyadic ingest --dry-run corpus/",
            "  dyadic ingest part-00.jsonl.zst part-01.jsonl.zst",
            "  dyadic ingest --text-field content --id-field meta.url --source-from-path '{1}' corpus/",
            "  dyadic ingest 'crawl/**/*.warc.wet.gz' --source web --sample 0.01",
            "  zcat dump.gz | dyadic ingest --source wiki -",
            "  dyadic ingest --listen 127.0.0.1:7071",
            "  dyadic ingest --listen 0.0.0.0:7071 --tls-cert tls.crt --tls-key tls.key --auth-file callers",
        })
public final class IngestCommand implements Callable<Integer> {
    private static final Duration LEAST_IDLE = Duration.ofSeconds(1);
    private static final int SHOWN_DOCUMENTS = 3;
    private static final int SHOWN_CHARS = 300;
    private static final String NO_JOB = "none";

    @Mixin
    private OutputOptions outputOptions = new OutputOptions();

    @Mixin
    private ClusterOptions clusterOptions = new ClusterOptions();

    @Parameters(
            arity = "0..*",
            paramLabel = "PATH",
            description = "Files, folders or patterns such as 'data/**/*.parquet'; - is standard input.")
    private List<String> paths = List.of();

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description = "Take documents over gRPC at this address; port 0 is any free one.")
    private @Nullable String listen;

    @Option(
            names = "--max-idle",
            paramLabel = "TIME",
            defaultValue = "300s",
            description = "With --listen: end a call that sends no document, or reads no answer, for so long; default"
                    + " ${DEFAULT-VALUE}. A silent one gives its place to another caller after 5s.")
    private Duration maxIdle = IngestServer.DEFAULT_MAX_IDLE;

    @Mixin
    private ListenOptions listenOptions = new ListenOptions();

    @Mixin
    private OpsOptions opsOptions = new OpsOptions();

    @Mixin
    private ReadOptions readOptions = new ReadOptions();

    @Option(
            names = "--sample",
            paramLabel = "RATE",
            defaultValue = "1",
            description = "Publish this part of the documents, chosen by their ids: the same ones each time.")
    private double sample = 1;

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "Stop after N documents, those of earlier starts included.")
    private @Nullable Long limit;

    @Option(
            names = "--max-refused",
            paramLabel = "N|P%",
            defaultValue = "100%",
            description =
                    "End with 1 if more than N entries, or more than P %% of them, were refused; all of them is always"
                            + " too much.")
    private String maxRefused = "100%";

    @Option(
            names = "--job",
            paramLabel = "NAME",
            description =
                    "By which another start finds what this one has read; default: made of the paths and of how they"
                            + " are read, and none for standard input. none keeps no record of it.")
    private @Nullable String job;

    @Option(names = "--again", description = "Read everything anew, whatever the job has read before.")
    private boolean again;

    @Option(names = "--dry-run", description = "Read and count, show the first documents, and publish nothing.")
    private boolean dryRun;

    @Override
    public Integer call() throws InterruptedException {
        Output output = outputOptions.open();
        LeastHeap.INGEST.require();
        if (paths.isEmpty() == (listen == null)) {
            throw new InvalidException("name paths to read, or --listen");
        }
        if (listen != null) {
            return listen(output, clusterOptions.cluster(), listen);
        }
        RefusalLimit refusals = RefusalLimit.parse(maxRefused);
        ReadSettings settings = readOptions.settings();
        Sample part = new Sample(sample);
        if (limit != null && limit < 1) {
            throw new InvalidException("limit must be at least 1, but was " + limit);
        }
        Inputs inputs = Inputs.of(paths, System.in);
        long start = System.nanoTime();
        IngestReport report;
        try (Ingest ingest = open(output, settings)) {
            ingest.sampling(part).atMost(limit == null ? Long.MAX_VALUE : limit).refusingAtMost(refusals.entries());
            if (dryRun) {
                ingest.telling(new FirstDocuments(output));
            }
            try (IngestBar bar = IngestBar.open(inputs.inputs())) {
                for (Input input : inputs.inputs()) {
                    ingest.read(input, bar);
                }
                report = ingest.flush();
            }
        }
        print(output, report, inputs.hidden(), (System.nanoTime() - start) / 1e9);
        boolean isTooMuch = refusals.isExceeded(report);
        if (isTooMuch) {
            output.note(
                    refusals.allows(report)
                            ? "Everything was refused."
                            : "More was refused than --max-refused allows, which is " + maxRefused + ".");
        }
        return report.failed().isEmpty() && !isTooMuch ? ExitCodes.OK : ExitCodes.FAILED;
    }

    private Ingest open(Output output, ReadSettings settings) {
        if (dryRun) {
            return Ingest.dryRun(settings);
        }
        Cluster cluster = clusterOptions.cluster();
        clusterOptions.openCorpus(cluster);
        boolean isStream = paths.contains("-");
        if (NO_JOB.equals(job) || (job == null && isStream)) {
            Interruption.tell(() -> output.note("%nStopped. What was accepted stays; where this came to is not kept."));
            return Ingest.direct(cluster, clusterOptions.topics(), settings);
        }
        Job opened = new Job(job == null ? defaultName() : job, digest(readOptions.described() + sample));
        output.note("Job %s.", opened.name());
        Interruption.tell(() -> output.note(
                "%nStopped. What was accepted stays, and the same command goes on from there%s: dyadic jobs shows it.",
                again ? " without --again" : ""));
        return Ingest.job(cluster, clusterOptions.topics(), settings, opened, again);
    }

    /// The same for the same paths, read in the same way.
    private String defaultName() {
        String all = paths.stream()
                .map(path -> Path.of(path).toAbsolutePath().normalize().toString())
                .collect(Collectors.joining("\0"));
        return "ingest-" + digest(readOptions.described() + sample + "\0" + all).substring(0, 8);
    }

    private static String digest(String text) {
        return "%016x".formatted(Digests.xxh64(text, 0));
    }

    private void print(Output output, IngestReport report, long hidden, double seconds) {
        output.json(report);
        output.text(
                "%,d documents %s (%.1f MB of text), %,d refused, in %.1f s.",
                report.accepted(),
                dryRun ? "would be published" : "accepted",
                report.textBytes() / 1e6,
                report.refused(),
                seconds);
        if (report.split() > 0) {
            output.text(
                    "  Split, as their texts are too long for one: %,d, into %,d parts.",
                    report.split(), report.parts());
        }
        if (report.inputsReadBefore() > 0 || report.inputsGoneOn() > 0) {
            output.text(
                    "  Read before: %s whole, %,d in part; %,d documents of them were accepted then.",
                    Texts.count(report.inputsReadBefore(), "input"), report.inputsGoneOn(), report.acceptedBefore());
        }
        report.refusedByReason().forEach((reason, count) -> output.text("  refused, %s: %,d", reason, count));
        report.leftOut().forEach((what, count) -> output.text("  left out, %s: %,d", what, count));
        if (report.refusedByReason().containsKey(Parsed.TOO_LONG) && readOptions.refusesTooLong()) {
            output.text("  --too-long split publishes texts of up to 32 MiB, in parts.");
        }
        if (hidden > 0) {
            output.text("  left out, hidden files: %,d", hidden);
        }
        report.unread()
                .forEach((field, count) -> output.text(
                        "  of no use in %,d of them: the value of '%s'. To refuse such ones, name the field.",
                        count, field));
        report.notes().forEach(note -> output.text("  %s", note));
        report.firstRefused().forEach(line -> output.text("  %s", line));
        if (report.refused() > 0 && !dryRun) {
            output.text(
                    "  Each is in topic %s, with its place and reason.",
                    clusterOptions.topics().documentRejects());
        }
        report.failed().forEach(line -> output.text("  failed: %s", line));
    }

    /// Shows a few documents as they would be published.
    private static final class FirstDocuments implements Consumer<Document> {
        private final Output output;
        private int shown;

        FirstDocuments(Output output) {
            this.output = output;
        }

        @Override
        public void accept(Document document) {
            if (shown++ >= SHOWN_DOCUMENTS) {
                return;
            }
            String text = StandardCharsets.UTF_8
                    .decode(document.getText().duplicate())
                    .toString();
            String begin = text.length() <= SHOWN_CHARS ? text : text.substring(0, SHOWN_CHARS) + "…";
            output.text("id      %s", document.getId());
            if (document.getWholeId() != null) {
                output.text(
                        "part    %d of %d of %s", document.getPart() + 1, document.getParts(), document.getWholeId());
            }
            output.text("source  %s", document.getSource());
            output.text("time    %s", Instant.ofEpochMilli(document.getEventTimeMillis()));
            document.getAttributes().forEach((name, value) -> output.text("%s: %s", name, value));
            output.text("text    %s", Output.lines(begin.replace("\n", "\n        ")));
            output.text("        (%,d bytes)%n", document.getText().remaining());
        }
    }

    private Integer listen(Output output, Cluster cluster, String address) throws InterruptedException {
        listenOptions.openAuditLog();
        HostPort at = HostPort.parse("--listen", address);
        if (maxIdle.compareTo(LEAST_IDLE) < 0) {
            throw new InvalidException(
                    "--max-idle must be at least " + Amounts.text(LEAST_IDLE) + ", but was " + Amounts.text(maxIdle));
        }
        Interruption interruption = Interruption.install(() -> {});
        ListenSettings settings = listenOptions.settings(at.host(), at.port());
        try (OpsServer ops = opsOptions.open(HostPort.ANY)) {
            clusterOptions.openCorpus(cluster);
            try (KafkaWatch kafka = KafkaWatch.start(cluster);
                    IngestServer server = IngestServer.start(
                            cluster,
                            clusterOptions.topics(),
                            settings,
                            readOptions.source(),
                            maxIdle,
                            ops.registry())) {
                ops.watch(kafka::silent, Optional::empty);
                output.json(Facts.of("ingest", server.address()).and("ops", ops.address()));
                output.announce("Takes documents over gRPC at %s, until Ctrl-C.", server.address());
                output.announce(
                        "Limits: %d calls publish at once; %d connections with %d calls each.",
                        IngestServer.maxCalls(), settings.maxConnections(), settings.maxCallsPerConnection());
                opsOptions.tell(output, ops);
                Completion.await(new CompletableFuture<>(), interruption);
            }
        }
        return ExitCodes.OK;
    }
}
