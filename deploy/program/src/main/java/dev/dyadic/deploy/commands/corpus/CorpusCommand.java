package dev.dyadic.deploy.commands.corpus;

import dev.dyadic.deploy.commands.process.ExitCodes;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "corpus",
        mixinStandardHelpOptions = true,
        description = "Lists, describes and deletes corpora.",
        subcommands = {CorpusList.class, CorpusDescribe.class, CorpusDelete.class})
public final class CorpusCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() {
        spec.commandLine().usage(System.out);
        return ExitCodes.USAGE;
    }
}
