package dev.dyadic.deploy.commands.config;

import java.util.List;
import picocli.CommandLine;

/// Tries arguments, to see all that is wrong with them. Nothing is run.
public final class Trial {
    private Trial() {}

    /// @param program one of its own, since it then keeps to collecting errors
    public static List<Exception> errors(CommandLine program, List<String> arguments) {
        collectErrors(program);
        return program.parseArgs(arguments.toArray(new String[0])).asCommandLineList().stream()
                .flatMap(parsed -> parsed.getParseResult().errors().stream())
                .toList();
    }

    private static void collectErrors(CommandLine command) {
        command.getCommandSpec().parser().collectErrors(true);
        command.getSubcommands().values().forEach(Trial::collectErrors);
    }
}
