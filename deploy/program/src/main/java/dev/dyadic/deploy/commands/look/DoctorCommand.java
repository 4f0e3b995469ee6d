package dev.dyadic.deploy.commands.look;

import dev.dyadic.deploy.commands.config.Configuration;
import dev.dyadic.deploy.commands.options.ClusterOptions;
import dev.dyadic.deploy.commands.options.OutputOptions;
import dev.dyadic.deploy.commands.options.SamplerOptions;
import dev.dyadic.deploy.commands.print.Facts;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.deploy.commands.process.LeastHeap;
import dev.dyadic.deploy.doctor.Finding;
import dev.dyadic.deploy.doctor.KafkaChecks;
import dev.dyadic.deploy.doctor.MachineChecks;
import dev.dyadic.deploy.doctor.SamplerChecks;
import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.Version;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.rpc.ClientSettings;
import dev.dyadic.sampler.client.SamplerClient;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description =
                "Looks at Java, memory, disk, ports, Kafka and its settings, the corpus and its topics, decomposers, samplers (at"
                        + " every address that the name has, or several names with commas between them),"
                        + " versions and clocks, and says what to do about each thing that is not well. Exit code 1 where"
                        + " something keeps it from working. Changes nothing.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  dyadic doctor",
            "  dyadic doctor --kafka broker:9092 --sampler sampler:7070 -o json",
            "  dyadic doctor --kafka broker:9092 --sampler sampler-0:7070,sampler-1:7070"
        })
public final class DoctorCommand implements Callable<Integer> {
    @Mixin
    private OutputOptions outputOptions = new OutputOptions();

    @Mixin
    private ClusterOptions clusterOptions = new ClusterOptions();

    @Mixin
    private SamplerOptions samplerOptions = new SamplerOptions();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = ".",
            description = "Whose disk is looked at; default: this folder.")
    private Path data = Path.of(".");

    @Override
    public Integer call() {
        Output output = outputOptions.open();
        Cluster cluster = clusterOptions.cluster();
        Topics topics = clusterOptions.topics();
        List<Finding> findings = new ArrayList<>();
        Configuration.taken().ifPresent(path -> findings.add(Finding.ok("configuration", path.toString())));
        findings.add(MachineChecks.java());
        findings.add(MachineChecks.memory(LeastHeap.DECOMPOSE.bytes()));
        findings.add(MachineChecks.disk(data));
        TreeMap<Integer, String> ports = new TreeMap<>();
        ports.put(9092, "Kafka");
        ports.put(7070, "sampler");
        ports.put(7071, "ingest");
        ports.put(7072, "live page");
        findings.add(MachineChecks.ports(ports));
        findings.addAll(new KafkaChecks(cluster, topics, InstantSource.system()).all());
        findings.addAll(samplers(topics));
        output.json(Facts.of("ok", isWell(findings)).and("findings", findings));
        print(output, findings);
        return isWell(findings) ? ExitCodes.OK : ExitCodes.FAILED;
    }

    private List<Finding> samplers(Topics topics) {
        List<Finding> findings = new ArrayList<>();
        for (ClientSettings.Endpoint replica : samplerOptions.replicas()) {
            try (SamplerClient client = samplerOptions.connectBriefly(replica)) {
                findings.addAll(
                        SamplerChecks.of(client, replica.target(), topics, Version.TEXT, InstantSource.system()));
            } catch (DyadicException e) {
                findings.add(Finding.failure("sampler", String.valueOf(e.getMessage()), "mend the options"));
            }
        }
        return findings;
    }

    private static boolean isWell(List<Finding> findings) {
        return findings.stream().noneMatch(finding -> finding.state() == Finding.State.failure);
    }

    private static void print(Output output, List<Finding> findings) {
        int width = findings.stream()
                .mapToInt(finding -> finding.what().length())
                .max()
                .orElse(0);
        String column = "%-" + width + "s";
        for (Finding finding : findings) {
            String mark = switch (finding.state()) {
                case ok -> "ok  ";
                case warning -> "look";
                case failure -> "FAIL";
            };
            output.text("%s  %s  %s", mark, column.formatted(finding.what()), finding.found());
            if (!finding.fix().isEmpty()) {
                output.text("      %s  -> %s", column.formatted(""), finding.fix());
            }
        }
        long failures = findings.stream()
                .filter(finding -> finding.state() == Finding.State.failure)
                .count();
        long warnings = findings.stream()
                .filter(finding -> finding.state() == Finding.State.warning)
                .count();
        output.text("");
        if (failures > 0) {
            output.text("%d must be mended, %d to look at.", failures, warnings);
        } else if (warnings > 0) {
            output.text("It works; %d to look at.", warnings);
        } else {
            output.text("All is well.");
        }
    }
}
