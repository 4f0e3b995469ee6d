package dev.dyadic.deploy.commands.service;

import dev.dyadic.deploy.broker.EmbeddedBroker;
import dev.dyadic.deploy.commands.options.OutputOptions;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.deploy.commands.process.Interruption;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "broker",
        mixinStandardHelpOptions = true,
        description = "Runs a single-node Kafka on the loopback interface, until Ctrl-C.",
        footerHeading = "%nExample:%n",
        footer = "  dyadic broker --data .dyadic/broker --port 9092")
public final class BrokerCommand implements Callable<Integer> {
    @Mixin
    private OutputOptions outputOptions = new OutputOptions();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = ".dyadic/broker",
            description = "Where records are kept, over restarts too; default ${DEFAULT-VALUE}.")
    private Path data = Path.of(".dyadic/broker");

    @Option(names = "--port", defaultValue = "9092", description = "0: any free one; default ${DEFAULT-VALUE}.")
    private int port;

    @Override
    public Integer call() throws InterruptedException {
        Output output = outputOptions.open();
        Interruption interruption = Interruption.install(() -> {});
        try (EmbeddedBroker broker = EmbeddedBroker.start(data, port)) {
            output.json(Map.of("kafka", broker.bootstrap()));
            output.text("Kafka is ready at %s, data in %s. Ctrl-C stops it.", broker.bootstrap(), data);
            output.next("init --kafka " + broker.bootstrap());
            interruption.await();
        }
        return ExitCodes.OK;
    }
}
