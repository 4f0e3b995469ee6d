package dev.dyadic.deploy.commands;

import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_COMMAND_LIST;
import static picocli.CommandLine.Model.UsageMessageSpec.SECTION_KEY_COMMAND_LIST_HEADING;

import dev.dyadic.deploy.commands.config.CompletionCommand;
import dev.dyadic.deploy.commands.config.Configuration;
import dev.dyadic.deploy.commands.config.Flags;
import dev.dyadic.deploy.commands.config.Nearest;
import dev.dyadic.deploy.commands.config.Trial;
import dev.dyadic.deploy.commands.corpus.CorpusCommand;
import dev.dyadic.deploy.commands.look.AuditCommand;
import dev.dyadic.deploy.commands.look.CatCommand;
import dev.dyadic.deploy.commands.look.DoctorCommand;
import dev.dyadic.deploy.commands.look.ExplainCommand;
import dev.dyadic.deploy.commands.look.JobsCommand;
import dev.dyadic.deploy.commands.look.PreviewCommand;
import dev.dyadic.deploy.commands.look.StatsCommand;
import dev.dyadic.deploy.commands.look.TokenizeCommand;
import dev.dyadic.deploy.commands.look.TraceCommand;
import dev.dyadic.deploy.commands.options.Amounts;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.deploy.commands.process.Interruption;
import dev.dyadic.deploy.commands.process.Logging;
import dev.dyadic.deploy.commands.process.NativeMemory;
import dev.dyadic.deploy.commands.process.Umask;
import dev.dyadic.deploy.commands.run.ExportCommand;
import dev.dyadic.deploy.commands.run.RunCommand;
import dev.dyadic.deploy.commands.service.BrokerCommand;
import dev.dyadic.deploy.commands.service.DecomposeCommand;
import dev.dyadic.deploy.commands.service.DemoCommand;
import dev.dyadic.deploy.commands.service.DevCommand;
import dev.dyadic.deploy.commands.service.DownCommand;
import dev.dyadic.deploy.commands.service.IngestCommand;
import dev.dyadic.deploy.commands.service.InitCommand;
import dev.dyadic.deploy.commands.service.RebuildSeenCommand;
import dev.dyadic.deploy.commands.service.SampleCommand;
import dev.dyadic.deploy.commands.train.TrainCommand;
import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.Printable;
import dev.dyadic.proto.Version;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/// The program: all its commands, in the groups in which help lists them.
@Command(
        name = "dyadic",
        mixinStandardHelpOptions = true,
        versionProvider = Dyadic.Versions.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "A streaming data loader for language-model pretraining on live data.",
        footerHeading = "%nFirst steps:%n",
        footer = {
            "  dyadic demo      see everything work, in a minute",
            "  dyadic dev       everything in one process, until Ctrl-C",
            "",
            "Exit codes: 0 done, 1 failed, 2 called wrongly, 3 memory ran out, 4 an audit found a broken Law;",
            "  130 Ctrl-C, 137 killed (often for memory), 143 asked to end.",
        })
public final class Dyadic implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(Logging.TOLD);
    private static final String DEFECT = "this is a defect of Dyadic; please report it with the lines below";

    private Dyadic() {}

    static final class Versions implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"dyadic " + Version.TEXT};
        }
    }

    /// A group of this module.
    private record Group(String title, List<Object> commands) implements CommandGroup {}

    private static List<CommandGroup> groups() {
        List<CommandGroup> groups = new ArrayList<>(List.of(
                new Group("Everything in one process", List.of(new DemoCommand(), new DevCommand(), new DownCommand())),
                new Group(
                        "Each part by itself",
                        List.of(
                                new BrokerCommand(),
                                new InitCommand(),
                                new IngestCommand(),
                                new DecomposeCommand(),
                                new RebuildSeenCommand(),
                                new SampleCommand(),
                                new TrainCommand())),
                new Group("Corpora", List.of(new CorpusCommand(), new CatCommand())),
                new Group(
                        "Runs",
                        List.of(new RunCommand(), new ExportCommand(), new ExplainCommand(), new TraceCommand())),
                new Group(
                        "Looking",
                        List.of(
                                new DoctorCommand(),
                                new JobsCommand(),
                                new StatsCommand(),
                                new AuditCommand(),
                                new PreviewCommand(),
                                new TokenizeCommand()))));
        ServiceLoader.load(CommandGroup.class).forEach(groups::add);
        groups.add(new Group("About", List.of(new VersionCommand(), new CompletionCommand())));
        return groups;
    }

    public static void main(String[] arguments) throws InterruptedException {
        AtomicInteger code = new AtomicInteger(ExitCodes.FAILED);
        // On a thread of its own, so that a shutdown hook can wait for its end.
        Thread command = Thread.ofPlatform().name("dyadic").start(() -> code.set(run(arguments)));
        command.join();
        Interruption.ended();
        // The broker and gRPC keep threads of their own.
        System.exit(code.get());
    }

    private static int run(String[] arguments) {
        CommandLine program = commandLine();
        try {
            Umask.set(System.getenv(Umask.VARIABLE));
        } catch (InvalidException e) {
            return failed(e, program);
        }
        NativeMemory.bound();
        try {
            Configuration.find(arguments, System.getenv(Configuration.VARIABLE), Path.of(""), Dyadic::commandLine)
                    .ifPresent(program::setDefaultValueProvider);
        } catch (InvalidException e) {
            return failed(e, program);
        }
        return program.execute(arguments);
    }

    public static CommandLine commandLine() {
        CommandLine program = new CommandLine(new Dyadic());
        List<CommandGroup> groups = groups();
        groups.forEach(group -> group.commands().forEach(program::addSubcommand));
        program.getHelpSectionMap().put(SECTION_KEY_COMMAND_LIST_HEADING, _ -> "");
        program.getHelpSectionMap().put(SECTION_KEY_COMMAND_LIST, new CommandList(groups));
        Flags.areOnWhereGiven(program);
        return Amounts.registerOn(program)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpLongOptionsMaxWidth(30)
                .setUsageHelpWidth(110)
                .setParameterExceptionHandler(Dyadic::misused)
                .setExecutionExceptionHandler((failure, command, _) -> failed(failure, command));
    }

    @Override
    public Integer call() {
        commandLine().usage(System.out);
        return ExitCodes.USAGE;
    }

    private static int misused(ParameterException failure, String[] arguments) {
        ParameterException first = failure instanceof MissingParameterException
                ? unmatched(arguments).map(ParameterException.class::cast).orElse(failure)
                : failure;
        CommandLine command = failure.getCommandLine();
        print(command, first.getMessage() + meant(first));
        command.getErr()
                .println("Try '" + first.getCommandLine().getCommandSpec().qualifiedName() + " --help'.");
        return ExitCodes.USAGE;
    }

    /// What is missing may have been mistyped, so what was not understood is told first.
    private static Optional<UnmatchedArgumentException> unmatched(String[] arguments) {
        return Trial.errors(commandLine(), List.of(arguments)).stream()
                .filter(UnmatchedArgumentException.class::isInstance)
                .map(UnmatchedArgumentException.class::cast)
                .findFirst();
    }

    /// What may have been meant by an option, or a command, that there is not.
    private static String meant(ParameterException failure) {
        if (!(failure instanceof UnmatchedArgumentException unmatched)) {
            return "";
        }
        CommandSpec command = failure.getCommandLine().getCommandSpec();
        String written = unmatched.getUnmatched().getFirst().split("=", 2)[0];
        return Nearest.question(
                written,
                written.startsWith("-")
                        ? command.optionsMap().keySet()
                        : command.subcommands().keySet());
    }

    /// One clear line. The stack is shown only where the failure is a defect of this program.
    private static int failed(Exception failure, CommandLine command) {
        switch (failure) {
            case ParameterException e -> {
                print(command, e.getMessage());
                return ExitCodes.USAGE;
            }
            case DyadicException e -> {
                print(command, e.getMessage());
                return e.kind() == DyadicException.Kind.INVALID ? ExitCodes.USAGE : ExitCodes.FAILED;
            }
            case KafkaException e -> {
                Throwable cause = e.getCause() == null ? e : e.getCause();
                print(command, "Kafka: " + cause.getMessage());
            }
            case InterruptedException _ -> print(command, "interrupted");
            default -> {
                if (Logging.isJson()) {
                    LOG.error(DEFECT, failure);
                } else {
                    print(command, DEFECT);
                    failure.printStackTrace(command.getErr());
                }
            }
        }
        return ExitCodes.FAILED;
    }

    private static void print(CommandLine command, @Nullable String message) {
        if (Logging.isJson()) {
            LOG.error(message);
        } else {
            // Lines after the first are set in, so that none passes for another message.
            command.getErr()
                    .println("dyadic: "
                            + Printable.lines(String.valueOf(message)).replace("\n", "\n  "));
        }
    }
}
