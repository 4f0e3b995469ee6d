package dev.dyadic.deploy.commands.service;

import dev.dyadic.deploy.broker.BrokerEnd;
import dev.dyadic.deploy.broker.BrokerLibraries;
import dev.dyadic.deploy.commands.options.ClusterOptions;
import dev.dyadic.deploy.commands.options.CorpusOptions;
import dev.dyadic.deploy.commands.options.HostPort;
import dev.dyadic.deploy.commands.options.OpsOptions;
import dev.dyadic.deploy.commands.options.OutputOptions;
import dev.dyadic.deploy.commands.options.SamplerOptions;
import dev.dyadic.deploy.commands.print.Facts;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.process.Completion;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.deploy.commands.process.Interruption;
import dev.dyadic.deploy.local.DevMark;
import dev.dyadic.deploy.local.LocalStack;
import dev.dyadic.deploy.ops.OpsServer;
import dev.dyadic.proto.Topics;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "dev",
        mixinStandardHelpOptions = true,
        description =
                "Runs broker, ingest server, decomposer and sampler in one process, until Ctrl-C. What was ingested is there again at"
                        + " the next start, which takes the corpus as it was made.",
        footerHeading = "%nExamples:%n",
        footer = {"  dyadic dev", "  dyadic dev --tokenizer bytes --max-length 1024 --data /tmp/try"})
public final class DevCommand implements Callable<Integer> {
    private static final String DEFAULT_OPS = HostPort.LOOPBACK + ":7072";

    @Mixin
    private OutputOptions outputOptions = new OutputOptions();

    @Mixin
    private CorpusOptions corpusOptions = new CorpusOptions();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = ".dyadic/dev",
            description = "Where everything is kept; default ${DEFAULT-VALUE}.")
    private Path data = Path.of(".dyadic/dev");

    @Option(
            names = "--prefix",
            defaultValue = "dyadic",
            description = "What the names of all topics start with; default ${DEFAULT-VALUE}.")
    private String prefix = "dyadic";

    @Option(names = "--corpus", defaultValue = "main", description = "Name of the corpus; default ${DEFAULT-VALUE}.")
    private String corpus = "main";

    @Option(
            names = "--kafka-port",
            defaultValue = "9092",
            paramLabel = "PORT",
            description = "Where Kafka listens; 0: any free port; default ${DEFAULT-VALUE}.")
    private int kafkaPort;

    @Option(
            names = "--sampler-port",
            defaultValue = "7070",
            paramLabel = "PORT",
            description = "Where the sampler listens; 0: any free port; default ${DEFAULT-VALUE}.")
    private int samplerPort;

    @Option(
            names = "--ingest-port",
            defaultValue = "7071",
            paramLabel = "PORT",
            description = "Where ingest listens; 0: any free port; default ${DEFAULT-VALUE}.")
    private int ingestPort;

    @Mixin
    private OpsOptions opsOptions = new OpsOptions();

    @Option(names = "--until-up", description = "Stop as soon as everything is up: to see whether it starts.")
    private boolean untilUp;

    @Override
    public Integer call() throws InterruptedException {
        Output output = outputOptions.open();
        BrokerLibraries.require();
        BrokerEnd.tell(data, line -> output.note("dyadic: %s", line));
        Interruption interruption = Interruption.install(() -> {});
        Topics topics = new Topics(prefix, corpus);
        // What is wrong in itself is told before anything starts.
        corpusOptions.require();
        LocalStack.Settings settings = new LocalStack.Settings(
                data, kafkaPort, samplerPort, ingestPort, topics, existing -> corpusOptions.choose(corpus, existing));
        try (DevMark _ = DevMark.set(data);
                OpsServer ops = opsOptions.open(DEFAULT_OPS);
                LocalStack stack = LocalStack.start(settings, line -> output.note("  %s", line), ops.registry())) {
            ops.watch(stack::notReady, Completion.failure(stack.ended()));
            ops.show(stack.view()::snapshot);
            output.note("  live page         http://%s", ops.address());
            String kafka = stack.cluster().bootstrap();
            String sampler = stack.samplerAddress();
            output.json(Facts.of("kafka", kafka)
                    .and("sampler", sampler)
                    .and("ingest", stack.ingestAddress())
                    .and("ops", ops.address())
                    .and("corpus", corpus));
            String k = (kafka.equals(ClusterOptions.DEFAULT_KAFKA) ? "" : " --kafka " + kafka)
                    + (prefix.equals("dyadic") ? "" : " --prefix " + prefix)
                    + (corpus.equals("main") ? "" : " --corpus " + corpus);
            String s = sampler.equals(SamplerOptions.DEFAULT_SAMPLER) ? "" : " --sampler " + sampler;
            output.announce("");
            output.announce("All is up; data in %s. Ctrl-C stops it. In another terminal:", data);
            output.announce("  %s ingest FILE.jsonl%s", Output.COMMAND, k);
            output.announce("  %s stats%s%s", Output.COMMAND, k, s);
            output.announce("  %s run open first --tokens-per-step 8Ki%s", Output.COMMAND, s);
            output.announce("  %s train first --steps 20 --checkpoints checkpoints/first%s", Output.COMMAND, s);
            output.announce("  %s audit first%s%s", Output.COMMAND, k, s);
            output.announce("  %s export first --to files --format numpy%s", Output.COMMAND, s);
            output.announce("  %s doctor%s%s", Output.COMMAND, k, s);
            if (!untilUp) {
                Completion.await(stack.ended(), interruption);
            }
        }
        return ExitCodes.OK;
    }
}
