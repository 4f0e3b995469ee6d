package dev.dyadic.deploy.commands.corpus;

import dev.dyadic.deploy.commands.ParentCommand;
import picocli.CommandLine.Command;

@Command(
        name = "corpus",
        mixinStandardHelpOptions = true,
        description = "Lists, describes and deletes corpora.",
        subcommands = {CorpusList.class, CorpusDescribe.class, CorpusDelete.class})
public final class CorpusCommand extends ParentCommand {}
