package dev.dyadic.deploy.commands.config;

import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// Completion for the fish shell, which picocli has not.
final class FishCompletion {
    /// Fish knows what was typed; this says which words of it are the command.
    private static final String FUNCTION = """
            function __NAME_at
                set -l words (commandline -opc)
                set -e words[1]
                set -l commands
                for word in $words
                    string match -q -- '-*' $word; or set -a commands $word
                end
                test (count $commands) -ge (count $argv); or return 1
                for i in (seq (count $argv))
                    test "$commands[$i]" = "$argv[$i]"; or return 1
                end
            end
            function __NAME_only
                set -l words (commandline -opc)
                set -e words[1]
                test "$words" = "$argv"
            end
            complete -c NAME -f
            """;

    private FishCompletion() {}

    static String script(String name, CommandLine program) {
        StringBuilder script = new StringBuilder(FUNCTION.replace("NAME", name));
        append(name, "", program, script);
        return script.toString();
    }

    private static void append(String name, String words, CommandLine command, StringBuilder script) {
        command.getSubcommands().forEach((sub, line) -> {
            String description =
                    String.join(" ", line.getCommandSpec().usageMessage().description());
            script.append("complete -c %s -n '__%s_only %s' -a %s -d %s%n"
                    .formatted(name, name, words, sub, quoted(firstSentence(description))));
            append(name, words.isEmpty() ? sub : words + " " + sub, line, script);
        });
        CommandSpec spec = command.getCommandSpec();
        for (OptionSpec option : spec.options()) {
            script.append("complete -c %s -n '%s'"
                    .formatted(name, "__" + name + (words.isEmpty() ? "_only" : "_at " + words)));
            for (String each : option.names()) {
                script.append(each.startsWith("--") ? " -l " + each.substring(2) : " -s " + each.substring(1));
            }
            if (option.arity().max() > 0) {
                Iterable<String> values = option.completionCandidates();
                script.append(values == null ? " -r -F" : " -x -a " + quoted(String.join(" ", values)));
            }
            script.append(" -d ")
                    .append(quoted(firstSentence(String.join(" ", option.description()))))
                    .append('\n');
        }
        if (!spec.positionalParameters().isEmpty() && !words.isEmpty()) {
            script.append("complete -c %s -n '__%s_at %s' -F%n".formatted(name, name, words));
        }
    }

    private static String firstSentence(String text) {
        String[] sentences = text.split("(?<=[.:;]) ", 2);
        return sentences[0].replaceAll("[.:;]$", "");
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
