package dev.dyadic.deploy.commands.options;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

class SamplerOptionsTest {
    @Command
    private static final class Asking {
        @Mixin
        private SamplerOptions sampler = new SamplerOptions();
    }

    @Test
    void aCommandThatIsShownNamesTheSamplerWhereItIsNotTheUsualOne() {
        assertThat(argumentOf()).isEmpty();
        assertThat(argumentOf("--sampler", "127.0.0.1:17070")).isEqualTo(" --sampler 127.0.0.1:17070");
    }

    private static String argumentOf(String... arguments) {
        Asking asking = new Asking();
        Amounts.registerOn(new CommandLine(asking)).parseArgs(arguments);
        return asking.sampler.argument();
    }
}
