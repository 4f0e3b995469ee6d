package dev.dyadic.deploy.commands.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.proto.InvalidException;
import dev.dyadic.v1.SamplerProto.Mixture;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class OptionsTest {
    @Test
    void anAddressIsHostAndPortOrAPortOfLoopback() {
        assertThat(HostPort.parse("--ops", "7072")).isEqualTo(new HostPort("127.0.0.1", 7072));
        assertThat(HostPort.parse("--ops", "0.0.0.0:80")).isEqualTo(new HostPort("0.0.0.0", 80));
        assertThat(HostPort.parse("--ops", "[::1]:80")).isEqualTo(new HostPort("::1", 80));
        assertThatThrownBy(() -> HostPort.parse("--ops", "localhost"))
                .isInstanceOf(InvalidException.class)
                .hasMessage("--ops must be HOST:PORT, but was localhost");
    }

    @Test
    void aMixtureKeepsWhatIsNotNamed() {
        Mixture before = Mixture.newBuilder()
                .putSources("wiki", 1)
                .setOtherSources(2)
                .setBacklogTokens(7)
                .build();

        assertThat(mixture(before)).isEmpty();
        assertThat(mixture(before, "--source-weights", "code=3,others=1")).hasValueSatisfying(mixture -> {
            assertThat(mixture.getSourcesMap()).containsOnly(Map.entry("code", 3L));
            assertThat(mixture.getOtherSources()).isEqualTo(1);
            assertThat(mixture.getBacklogTokens()).isEqualTo(7);
        });
        assertThatThrownBy(() -> mixture(before, "--source-weights", "others=1"))
                .hasMessageStartingWith("--source-weights must name a source beside 'others'");
    }

    private static Optional<Mixture> mixture(Mixture before, String... arguments) {
        MixtureOptions options = new MixtureOptions();
        CommandSpec command = CommandSpec.create().addMixin("mixture", CommandSpec.forAnnotatedObject(options));
        new CommandLine(command).parseArgs(arguments);
        return options.parse(before);
    }
}
