package dev.dyadic.deploy.commands;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.IHelpSectionRenderer;

/// Lists the program's commands by groups, each with the first sentence of its description.
final class CommandList implements IHelpSectionRenderer {
    private static final int NAME_WIDTH = 14;
    private static final int TEXT_WIDTH = 94;

    private final List<CommandGroup> groups;

    CommandList(List<CommandGroup> groups) {
        this.groups = groups;
    }

    @Override
    public String render(Help help) {
        StringBuilder text = new StringBuilder();
        for (CommandGroup group : groups) {
            text.append("%n%s:%n".formatted(group.title()));
            for (Object command : group.commands()) {
                Command about = command.getClass().getAnnotation(Command.class);
                String name = about.name();
                for (String line : wrap(firstSentence(String.join(" ", about.description())))) {
                    text.append(("  %-" + NAME_WIDTH + "s%s%n").formatted(name, line));
                    name = "";
                }
            }
        }
        return text.toString();
    }

    private static String firstSentence(String text) {
        int end = text.indexOf(". ");
        return end < 0 ? text : text.substring(0, end + 1);
    }

    private static List<String> wrap(String text) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ", -1)) {
            if (!line.isEmpty() && line.length() + 1 + word.length() > TEXT_WIDTH) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }
}
