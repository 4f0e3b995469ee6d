package dev.dyadic.deploy.commands;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/// The reference of commands is what the program says. `DYADIC_WRITE_REFERENCE=1` in the environment writes it anew.
class CommandReferenceTest {
    private static final Path PAGE = Path.of("..", "..", "docs", "reference", "commands.md");

    @Test
    void thePageIsWhatTheProgramSays() throws IOException {
        String expected = CommandReference.markdown();
        if (System.getenv("DYADIC_WRITE_REFERENCE") != null) {
            Files.writeString(PAGE, expected);
        }

        assertThat(Files.readString(PAGE)).isEqualTo(expected);
    }

    @Test
    void everyCommandIsListedInAGroup() {
        String help = Dyadic.commandLine().getUsageMessage();

        assertThat(Dyadic.commandLine().getSubcommands().keySet())
                .isNotEmpty()
                .allSatisfy(command -> assertThat(help).contains("\n  " + command + " "));
    }

    @Test
    void everyOptionSaysWhatItIsInWholeSentences() {
        List<String> wrong = new ArrayList<>();
        wordings(Dyadic.commandLine(), wrong);
        assertThat(wrong).isEmpty();
    }

    private static void wordings(CommandLine command, List<String> wrong) {
        for (OptionSpec option : command.getCommandSpec().options()) {
            String text = String.join(" ", option.description());
            if (!text.endsWith(".") || text.startsWith("Default") || text.startsWith("0:")) {
                wrong.add(command.getCommandSpec().qualifiedName() + " " + option.longestName() + ": " + text);
            }
        }
        command.getSubcommands().values().forEach(sub -> wordings(sub, wrong));
    }
}
