package dev.dyadic.deploy.commands.run;

import dev.dyadic.deploy.commands.ParentCommand;
import picocli.CommandLine.Command;

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
public final class RunCommand extends ParentCommand {}
