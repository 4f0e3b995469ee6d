package dev.dyadic.deploy.commands;

import dev.dyadic.deploy.commands.process.ExitCodes;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/// A command that has commands below it, and does nothing by itself: it shows which there are.
public abstract class ParentCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public final Integer call() {
        spec.commandLine().usage(System.out);
        return ExitCodes.USAGE;
    }
}
