package dev.dyadic.deploy.commands.service;

import dev.dyadic.deploy.broker.BrokerEnd;
import dev.dyadic.deploy.broker.BrokerLibraries;
import dev.dyadic.deploy.broker.ClusterNode;
import dev.dyadic.deploy.broker.EmbeddedBroker;
import dev.dyadic.deploy.commands.options.OutputOptions;
import dev.dyadic.deploy.commands.print.Facts;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.deploy.commands.process.Interruption;
import dev.dyadic.proto.InvalidException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "broker",
        mixinStandardHelpOptions = true,
        description =
                "Runs a single-node Kafka on the loopback interface, until Ctrl-C. With --properties: one node of a"
                        + " cluster that you describe yourself, to try what happens when one of several brokers fails.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  dyadic broker --data .dyadic/broker --port 9092",
            "  dyadic broker --properties node-1.properties --cluster-id MkU3OEVBNTcwNTJENDM2Qk"
        })
public final class BrokerCommand implements Callable<Integer> {
    @Mixin
    private OutputOptions outputOptions = new OutputOptions();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = ".dyadic/broker",
            description = "Where records are kept, over restarts too; default ${DEFAULT-VALUE}.")
    private Path data = Path.of(".dyadic/broker");

    @Option(
            names = "--port",
            defaultValue = "9092",
            paramLabel = "PORT",
            description = "Where Kafka listens; 0: any free port; default ${DEFAULT-VALUE}.")
    private int port;

    @Option(
            names = "--properties",
            paramLabel = "FILE",
            description = "Kafka's own settings of one node of a cluster; --data and --port then mean nothing.")
    private @Nullable Path properties;

    @Option(
            names = "--cluster-id",
            paramLabel = "ID",
            description = "With --properties: 16 bytes in Base64, the same for every node.")
    private @Nullable String clusterId;

    @Override
    public Integer call() throws InterruptedException {
        Output output = outputOptions.open();
        BrokerLibraries.require();
        if ((properties == null) != (clusterId == null)) {
            throw new InvalidException("--properties and --cluster-id go together");
        }
        Interruption interruption = Interruption.install(() -> {});
        if (properties != null) {
            try (ClusterNode _ = ClusterNode.start(properties, Objects.requireNonNull(clusterId))) {
                output.announce("The node of %s runs. Ctrl-C stops it.", properties);
                interruption.await();
            }
            return ExitCodes.OK;
        }
        BrokerEnd.tell(data, line -> output.note("dyadic: %s", line));
        try (EmbeddedBroker broker = EmbeddedBroker.start(data, port)) {
            output.json(Facts.of("kafka", broker.bootstrap()));
            output.announce("Kafka is ready at %s, data in %s. Ctrl-C stops it.", broker.bootstrap(), data);
            output.announceNext("init --kafka " + broker.bootstrap());
            interruption.await();
        }
        return ExitCodes.OK;
    }
}
