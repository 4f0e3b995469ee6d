package dev.dyadic.deploy.cli;

import dev.dyadic.decomposer.DecomposerException;
import dev.dyadic.deploy.broker.BrokerException;
import dev.dyadic.deploy.ops.OpsException;
import dev.dyadic.deploy.ops.Version;
import dev.dyadic.ingest.IngestException;
import dev.dyadic.proto.kafka.ClusterException;
import dev.dyadic.sampler.client.SamplerClientException;
import dev.dyadic.sampler.ledger.LedgerException;
import dev.dyadic.sampler.segments.StorageException;
import dev.dyadic.sampler.serve.SamplerException;
import dev.dyadic.trainer.TrainerException;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.ParameterException;

/// The program.
@Command(
        name = "dyadic",
        mixinStandardHelpOptions = true,
        versionProvider = Dyadic.Versions.class,
        description = "A streaming data loader for language-model pretraining on live data.",
        footerHeading = "%nFirst steps:%n",
        footer = {
            "  dyadic demo      see everything work, in a minute",
            "  dyadic dev       everything in one process, until Ctrl-C",
            "",
            "Exit codes: 0 done, 1 failed, 2 called wrongly, 3 an audit found a broken Law.",
        },
        subcommands = {
            DemoCommand.class,
            DevCommand.class,
            BrokerCommand.class,
            InitCommand.class,
            IngestCommand.class,
            DecomposeCommand.class,
            SampleCommand.class,
            TrainCommand.class,
            ExperimentCommand.class,
            RunCommand.class,
            StatsCommand.class,
            AuditCommand.class,
            ExplainCommand.class,
            TraceCommand.class,
            PreviewCommand.class,
            SimulateCommand.class,
            FaultsCommand.class,
            BenchCommand.class,
        })
public final class Dyadic implements Callable<Integer> {
    private Dyadic() {}

    static final class Versions implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"dyadic " + Version.TEXT};
        }
    }

    public static void main(String[] arguments) throws InterruptedException {
        AtomicInteger code = new AtomicInteger(ExitCodes.FAILED);
        // On a thread of its own, so that a shutdown hook can wait for its end.
        Thread command = Thread.ofPlatform()
                .name("dyadic")
                .start(() -> code.set(commandLine().execute(arguments)));
        command.join();
        // The broker and gRPC keep threads of their own.
        System.exit(code.get());
    }

    static CommandLine commandLine() {
        return new CommandLine(new Dyadic())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpLongOptionsMaxWidth(30)
                .setUsageHelpWidth(110)
                .setParameterExceptionHandler((failure, _) -> misused(failure))
                .setExecutionExceptionHandler((failure, command, _) -> failed(failure, command));
    }

    @Override
    public Integer call() {
        commandLine().usage(System.out);
        return ExitCodes.USAGE;
    }

    private static int misused(ParameterException failure) {
        CommandLine command = failure.getCommandLine();
        print(command, failure.getMessage());
        command.getErr().println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        return ExitCodes.USAGE;
    }

    /// One clear line; the stack only where the failure is a defect of this program.
    private static int failed(Exception failure, CommandLine command) {
        switch (failure) {
            case ParameterException e -> {
                print(command, e.getMessage());
                return ExitCodes.USAGE;
            }
            case IllegalArgumentException e -> {
                print(command, e.getMessage());
                return ExitCodes.USAGE;
            }
            case BrokerException e -> print(command, e.getMessage());
            case ClusterException e -> print(command, e.getMessage());
            case IngestException e -> print(command, e.getMessage());
            case DecomposerException e -> print(command, e.getMessage());
            case StorageException e -> print(command, e.getMessage());
            case LedgerException e -> print(command, e.getMessage());
            case OpsException e -> print(command, e.getMessage());
            case SamplerException e -> print(command, e.getMessage());
            case SamplerClientException e -> print(command, e.getMessage());
            case TrainerException e -> print(command, e.getMessage());
            case KafkaException e -> print(command, "Kafka: " + e.getMessage());
            case InterruptedException _ -> print(command, "interrupted");
            default -> {
                print(command, "this is a defect of Dyadic; please report it with the lines below");
                failure.printStackTrace(command.getErr());
            }
        }
        return ExitCodes.FAILED;
    }

    private static void print(CommandLine command, @Nullable String message) {
        command.getErr().println("dyadic: " + message);
    }
}
