package dev.dyadic.deploy.commands;

import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;

/// The page `docs/reference/commands.md`, made from the help of every command.
final class CommandReference {
    private CommandReference() {}

    static String markdown() {
        StringBuilder page = new StringBuilder();
        page.append(
                        "# Commands\n\nThis page is what every command answers to `--help`. A test holds it against the program;")
                .append(" CONTRIBUTING.md says how to write it anew.\n");
        append(Dyadic.commandLine(), "dyadic", page);
        return page.toString();
    }

    private static void append(CommandLine command, String name, StringBuilder page) {
        page.append("\n## ").append(name).append("\n\n```\n");
        command.getUsageMessage(Ansi.OFF)
                .lines()
                .map(String::stripTrailing)
                .forEach(line -> page.append(line).append('\n'));
        page.append("```\n");
        command.getSubcommands().forEach((sub, line) -> append(line, name + " " + sub, page));
    }
}
