package dev.dyadic.deploy.commands;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

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
}
