package dev.dyadic.deploy.commands.service;

import dev.dyadic.deploy.commands.options.OutputOptions;
import dev.dyadic.deploy.commands.print.Confirmation;
import dev.dyadic.deploy.commands.print.Facts;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.deploy.local.DevMark;
import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.InvalidException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "down",
        mixinStandardHelpOptions = true,
        description = "Ends a 'dyadic dev' that runs somewhere, and deletes what it has left where that is asked for.",
        footerHeading = "%nExamples:%n",
        footer = {"  dyadic down", "  dyadic down --delete", "  dyadic down --data /tmp/try --delete --yes"})
public final class DownCommand implements Callable<Integer> {
    private static final long END_SECONDS = 30;

    @Mixin
    private OutputOptions outputOptions = new OutputOptions();

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = ".dyadic/dev",
            description = "That of 'dyadic dev', also as a configuration file has it; default ${DEFAULT-VALUE}.")
    private Path data = Path.of(".dyadic/dev");

    @Option(names = "--delete", description = "Delete the directory, with all documents, rows and runs in it.")
    private boolean delete;

    @Option(names = "--yes", description = "Do not ask back.")
    private boolean yes;

    @Override
    public Integer call() throws InterruptedException {
        Output output = outputOptions.open();
        boolean exists = Files.exists(data);
        Path directory = exists ? real(data) : data;
        if (exists && !DevMark.isData(directory)) {
            throw new InvalidException(
                    "--data must be a directory that 'dyadic dev' has made, but " + data + " is not");
        }
        Optional<ProcessHandle> running = exists ? DevMark.running(directory) : Optional.empty();
        boolean deletes = delete && exists;
        if (deletes) {
            Confirmation.require(
                    output, yes, directory + " will be deleted, with all documents, rows and runs.", "delete");
        }
        if (running.isPresent()) {
            end(running.get());
            output.text("Process %d is ended.", running.get().pid());
        } else {
            output.text("No 'dyadic dev' of this machine is known to run on %s.", data);
        }
        if (deletes) {
            boolean isGone = DevMark.delete(directory);
            output.text(
                    "What 'dyadic dev' had in %s is deleted%s.", directory, isGone ? "" : "; other files in it stay");
        } else if (exists) {
            output.text("Its data stays in %s; --delete takes it away.", data);
        }
        output.json(
                Facts.of("ended", running.map(ProcessHandle::pid).orElse(null)).and("deleted", deletes));
        return ExitCodes.OK;
    }

    /// Where a link leads.
    private static Path real(Path path) {
        try {
            return path.toRealPath();
        } catch (IOException e) {
            throw new DyadicException(DyadicException.Kind.OUTSIDE, "cannot look at " + path + ": " + e, e);
        }
    }

    private static void end(ProcessHandle process) throws InterruptedException {
        process.destroy();
        try {
            process.onExit().get(END_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw new DyadicException(
                    DyadicException.Kind.NOT_READY,
                    "process " + process.pid() + " has not ended after " + END_SECONDS + " s; end it with: kill -9 "
                            + process.pid(),
                    e);
        }
    }
}
