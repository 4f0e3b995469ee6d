package dev.dyadic.deploy.commands.config;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// A flag that is given is on. Without this, picocli takes the opposite of the default, so a flag that the environment
/// or a configuration file has set already would be off.
public final class Flags {
    private Flags() {}

    /// Changes a program and all its commands.
    public static void areOnWhereGiven(CommandLine command) {
        CommandSpec spec = command.getCommandSpec();
        // All of them are taken out and put back, so that they stay in their order.
        List<OptionSpec> options = List.copyOf(spec.options());
        options.forEach(spec::remove);
        options.forEach(option -> spec.addOption(isFlag(option) ? on(option) : option));
        command.getSubcommands().values().forEach(Flags::areOnWhereGiven);
    }

    private static boolean isFlag(OptionSpec option) {
        return option.type() == boolean.class && option.arity().max() == 0;
    }

    private static OptionSpec on(OptionSpec option) {
        return OptionSpec.builder(option).fallbackValue("true").build();
    }
}
