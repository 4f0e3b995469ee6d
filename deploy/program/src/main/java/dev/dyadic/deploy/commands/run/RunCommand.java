package dev.dyadic.deploy.commands.run;

import dev.dyadic.deploy.commands.process.ExitCodes;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = "Opens, lists, describes and changes runs: training jobs' views of a corpus.",
        subcommands = {
            RunOpen.class,
            RunList.class,
            RunDescribe.class,
            RunAmend.class,
            RunFork.class,
            RunClose.class,
            RunSteps.class,
        })
public final class RunCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        spec.commandLine().usage(System.out);
        return ExitCodes.USAGE;
    }
}
