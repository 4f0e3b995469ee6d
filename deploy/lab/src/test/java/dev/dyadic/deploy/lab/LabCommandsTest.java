package dev.dyadic.deploy.lab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.deploy.commands.CommandGroup;
import dev.dyadic.deploy.commands.Dyadic;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class LabCommandsTest {
    @Test
    void theProgramFindsThem() {
        assertThat(ServiceLoader.load(CommandGroup.class)).hasAtLeastOneElementOfType(LabCommands.class);
        assertThat(Dyadic.commandLine().getSubcommands()).containsKeys("experiment", "simulate", "faults", "bench");
    }

    @Test
    void aPlantedBugIsFoundAndEndsWithAFailure() {
        assertThat(Dyadic.commandLine().execute("simulate", "--seeds", "200", "--bug", "lose-carry-over", "-o", "json"))
                .isEqualTo(1);
        assertThat(Dyadic.commandLine().execute("simulate", "--seeds", "3", "-o", "json"))
                .isZero();
    }
}
