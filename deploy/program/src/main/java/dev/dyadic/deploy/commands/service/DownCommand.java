package dev.dyadic.deploy.commands.service;

import dev.dyadic.deploy.commands.options.OutputOptions;
import dev.dyadic.deploy.commands.print.Facts;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.process.Confirmation;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.deploy.local.DevMark;
import dev.dyadic.deploy.local.Directories;
import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.InvalidException;
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
            description = "That of 'dyadic dev'; default ${DEFAULT-VALUE}.")
    private Path data = Path.of(".dyadic/dev");

    @Option(names = "--delete", description = "Delete the directory, with all documents, rows and runs in it.")
    private boolean delete;

    @Option(names = "--yes", description = "Do not ask back.")
    private boolean yes;

    @Override
    public Integer call() throws InterruptedException {
        Output output = outputOptions.open();
        if (delete && Files.exists(data) && !DevMark.isData(data)) {
            throw new InvalidException(
                    "--data must be a directory that 'dyadic dev' has made, but " + data + " is not");
        }
        Optional<ProcessHandle> running = DevMark.running(data);
        if (running.isPresent()) {
            end(running.get());
            output.text("Process %d is ended.", running.get().pid());
        } else {
            output.text("No 'dyadic dev' runs on %s.", data);
        }
        boolean deletes = delete && Files.exists(data);
        if (deletes) {
            Confirmation.require(output, yes, data + " is deleted, with all that is in it.", "delete");
            Directories.delete(data);
            output.text("%s is deleted.", data);
        } else if (Files.exists(data)) {
            output.text("Its data stays in %s; --delete takes it away.", data);
        }
        output.json(
                Facts.of("ended", running.map(ProcessHandle::pid).orElse(null)).and("deleted", deletes));
        return ExitCodes.OK;
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
