package dev.dyadic.deploy.commands.service;

import dev.dyadic.deploy.commands.options.ClusterOptions;
import dev.dyadic.deploy.commands.options.HostPort;
import dev.dyadic.deploy.commands.options.ListenOptions;
import dev.dyadic.deploy.commands.options.OpsOptions;
import dev.dyadic.deploy.commands.options.OutputOptions;
import dev.dyadic.deploy.commands.print.IngestBar;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.process.Completion;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.deploy.commands.process.Interruption;
import dev.dyadic.deploy.ops.OpsServer;
import dev.dyadic.ingest.Fields;
import dev.dyadic.ingest.Ingest;
import dev.dyadic.ingest.IngestReport;
import dev.dyadic.ingest.IngestServer;
import dev.dyadic.ingest.Input;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.ClusterException;
import dev.dyadic.proto.rpc.ListenSettings;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "ingest",
        mixinStandardHelpOptions = true,
        description = {
            "Publishes documents from JSON lines: one object a line, with a text, and where they have them an id, a source,"
                    + " a time and attributes. Files may be plain, gzip or zstd.",
            "With --listen, takes documents over gRPC (dyadic.v1.Ingest), until Ctrl-C.",
            "Running it twice is harmless: the decomposer drops ids that it has seen.",
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  dyadic ingest part-00.jsonl.zst part-01.jsonl.zst",
            "  zcat dump.gz | dyadic ingest --source wiki -",
            "  dyadic ingest --listen 127.0.0.1:7071",
            "  dyadic ingest --listen 0.0.0.0:7071 --tls-cert tls.crt --tls-key tls.key --auth-file callers",
            "  dyadic ingest --text-field content --id-field url crawl.jsonl",
        })
public final class IngestCommand implements Callable<Integer> {
    @Mixin
    private OutputOptions outputOptions = new OutputOptions();

    @Mixin
    private ClusterOptions clusterOptions = new ClusterOptions();

    @Parameters(arity = "0..*", paramLabel = "FILE", description = "Files to read; - is standard input.")
    private List<String> files = List.of();

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description = "Take documents over gRPC at this address; port 0 is any free one.")
    private @Nullable String listen;

    @Mixin
    private ListenOptions listenOptions = new ListenOptions();

    @Mixin
    private OpsOptions opsOptions = new OpsOptions();

    @Option(
            names = "--source",
            defaultValue = "default",
            description = "Source of documents that name none; default ${DEFAULT-VALUE}.")
    private String source = "default";

    @Option(names = "--text-field", defaultValue = "text", description = "Default ${DEFAULT-VALUE}.")
    private String textField = "text";

    @Option(names = "--id-field", defaultValue = "id", description = "Default ${DEFAULT-VALUE}.")
    private String idField = "id";

    @Option(names = "--source-field", defaultValue = "source", description = "Default ${DEFAULT-VALUE}.")
    private String sourceField = "source";

    @Option(
            names = "--time-field",
            split = ",",
            description =
                    "The first that a line has counts; default time,event_time,eventTime,timestamp, of which a value"
                            + " that is no time costs no document.")
    private @Nullable List<String> timeFields;

    @Override
    public Integer call() throws InterruptedException {
        Output output = outputOptions.open();
        Cluster cluster = clusterOptions.cluster();
        if (files.isEmpty() == (listen == null)) {
            throw new InvalidException("name files to read, or --listen");
        }
        if (listen != null) {
            return listen(output, cluster, listen);
        }
        List<Input> inputs = files.stream().map(IngestCommand::input).toList();
        clusterOptions.openCorpus(cluster);
        Fields fields = new Fields(
                idField,
                textField,
                sourceField,
                timeFields == null ? Fields.DEFAULT.time() : timeFields,
                timeFields != null,
                Fields.DEFAULT.attributes());
        long start = System.nanoTime();
        IngestReport report;
        try (Ingest ingest = new Ingest(cluster, clusterOptions.topics(), fields, source, InstantSource.system());
                IngestBar bar = IngestBar.open(inputs)) {
            for (Input input : inputs) {
                ingest.read(input, bar);
            }
            report = ingest.flush();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        output.json(report);
        output.text(
                "%,d documents accepted (%.1f MB of text), %,d refused, in %.1f s.",
                report.accepted(), report.textBytes() / 1e6, report.rejected(), seconds);
        report.rejectedByReason().forEach((reason, count) -> output.text("  refused, %s: %,d", reason, count));
        if (report.timesUnread() > 0) {
            output.text(
                    "  In %,d of them the time could not be read, and counts as now; to refuse such ones, name the field"
                            + " with --time-field.",
                    report.timesUnread());
        }
        if (report.rejected() > 0) {
            report.firstRejected().forEach(line -> output.text("  %s", line));
            output.text(
                    "  Each is in topic %s, with its line and reason.",
                    clusterOptions.topics().documentRejects());
        }
        return ExitCodes.OK;
    }

    private Integer listen(Output output, Cluster cluster, String address) throws InterruptedException {
        HostPort at = HostPort.parse("--listen", address);
        Interruption interruption = Interruption.install(() -> {});
        ListenSettings settings = listenOptions.settings(at.host(), at.port());
        try (OpsServer ops = opsOptions.open(HostPort.ANY)) {
            clusterOptions.openCorpus(cluster);
            try (IngestServer server = IngestServer.start(
                    cluster, clusterOptions.topics(), settings, source, InstantSource.system(), ops.registry())) {
                ops.watch(() -> kafkaAnswers(cluster), Optional::empty);
                output.json(Map.of("ingest", server.address(), "ops", ops.address()));
                output.text("Takes documents over gRPC at %s, until Ctrl-C.", server.address());
                output.text(
                        "Limits: %d calls publish at once; %d connections with %d calls each.",
                        IngestServer.maxCalls(), settings.maxConnections(), settings.maxCallsPerConnection());
                opsOptions.tell(output, ops);
                Completion.await(new CompletableFuture<>(), interruption);
            }
        }
        return ExitCodes.OK;
    }

    /// Documents are taken while the corpus can be read.
    private Optional<String> kafkaAnswers(Cluster cluster) {
        try (Admin admin = cluster.admin()) {
            cluster.await(
                    admin.describeTopics(List.of(clusterOptions.topics().documents()))
                            .allTopicNames(),
                    "looking for the documents topic");
            return Optional.empty();
        } catch (ClusterException | KafkaException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private static Input input(String name) {
        return name.equals("-") ? Input.stream("standard input", System.in) : Input.file(Path.of(name));
    }
}
