package dev.dyadic.deploy.commands.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.deploy.commands.Dyadic;
import dev.dyadic.proto.InvalidException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParseResult;

class ConfigurationTest {
    private static final String WHOLE = """
            # Of all commands that have it.
            kafka: broker:9092
            verbose: true
            sampler: sampler:7070
            run:
              open:
                tokens-per-step: 64Ki
                live: true
                max-wait: 20s
                odds: [4, 2, 1]
            train:
              steps: 10k
              sampler: other:7070
            """;

    @TempDir
    private Path folder = Path.of("");

    @Test
    void everyCommandHasWhatTheFileSays() throws IOException {
        write(WHOLE);

        ParseResult open = parse("run", "open", "NAME");
        assertThat(value(open, "--tokens-per-step")).isEqualTo(65_536L);
        assertThat(value(open, "--live")).isEqualTo(true);
        assertThat(value(open, "--odds")).asString().isEqualTo("[4, 2, 1]");
        assertThat(value(open, "--sampler")).isEqualTo("sampler:7070");
        assertThat(value(open, "--verbose")).isEqualTo(true);
        assertThat(value(open, "--seed")).as("what it does not say").isEqualTo(0L);

        ParseResult train = parse("train", "NAME");
        assertThat(value(train, "--steps")).isEqualTo(10_000L);
        assertThat(value(train, "--sampler"))
                .as("its own goes before that of all")
                .isEqualTo("other:7070");

        assertThat(value(parse("stats"), "--kafka")).isEqualTo("broker:9092");
    }

    @Test
    void downLooksWhereDevWasStarted() throws IOException {
        write("dev:\n  data: /mine\n  log-format: json\n");
        assertThat(value(parse("down"), "--data")).isEqualTo(Path.of("/mine"));
        assertThat(value(parse("down"), "--log-format"))
                .as("the rest is dev's own")
                .isNotEqualTo("json");
        write("dev:\n  data: /mine\ndown:\n  data: /other\n");
        assertThat(value(parse("down"), "--data")).isEqualTo(Path.of("/other"));
    }

    @Test
    void theCommandLineGoesBeforeTheFile() throws IOException {
        write(WHOLE);

        ParseResult open = parse("run", "open", "NAME", "--tokens-per-step", "8Ki", "--live", "--sampler", "mine:1");
        assertThat(value(open, "--tokens-per-step")).isEqualTo(8_192L);
        assertThat(value(open, "--sampler")).isEqualTo("mine:1");
        assertThat(value(open, "--live")).as("a flag that both give").isEqualTo(true);
    }

    @Test
    void theFileIsTheOneThatIsNamedFirst() throws IOException {
        Path named = Files.writeString(folder.resolve("named.yaml"), "kafka: named:1\n");
        Path ofEnvironment = Files.writeString(folder.resolve("env.yaml"), "kafka: env:1\n");
        assertThat(find(null)).as("there is none").isEmpty();
        write("kafka: found:1\n");

        assertThat(find(null, "stats").orElseThrow().path()).isEqualTo(folder.resolve("dyadic.yaml"));
        assertThat(find(ofEnvironment.toString(), "stats").orElseThrow().path()).isEqualTo(ofEnvironment);
        assertThat(find(ofEnvironment.toString(), "stats", "--config", named.toString())
                        .orElseThrow()
                        .path())
                .isEqualTo(named);
        assertThat(find(null, "stats", "--config=" + named).orElseThrow().path())
                .isEqualTo(named);
    }

    @Test
    void everyMistakeIsToldWithItsLineAndWhatMayBeMeant() throws IOException {
        write("""
                kafca: broker:9092
                run:
                  open:
                    tokens-per-step: many
                    max-wait: 60000
                    curiculum: uniform
                  opne:
                    seed: 1
                decompose:
                  threads: 1.5
                help: true
                """);

        assertThatThrownBy(() -> find(null, "stats"))
                .isInstanceOf(InvalidException.class)
                .hasMessageContaining("line 1: no command has an option 'kafca'; did you mean 'kafka'?")
                .hasMessageContaining("line 4: Invalid value for option '--tokens-per-step'")
                .hasMessageContaining("line 5: Invalid value for option '--max-wait'")
                .hasMessageContaining("line 6: 'run open' has no option 'curiculum'; did you mean 'curriculum'?")
                .hasMessageContaining("line 8: there is no command 'run opne'; did you mean 'run open'?")
                .hasMessageContaining("line 10: Invalid value for option '--threads'")
                .hasMessageContaining("line 11: 'help' is for one call, and cannot stand in a file");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "kafka: [a, b                | is none at line",
                "kafka:                      | expected a value of kafka in",
                "just a text                 | expected options and their values",
                "kafka: a\\nkafka: b         | has kafka in lines 1 and 2",
                "kafka: [{a: b}]             | expected a value of kafka in",
                "[a]: b                      | expected the name of an option or a command",
            })
    void whatIsNoConfigurationIsRefused(String yaml, String message) throws IOException {
        write(yaml.replace("\\n", "\n") + "\n");

        assertThatThrownBy(() -> find(null, "stats"))
                .isInstanceOf(InvalidException.class)
                .hasMessageContaining(message)
                .hasMessageContaining("dyadic.yaml");
    }

    @Test
    void aValueHasToFitEveryCommandThatHasTheOption() throws IOException {
        write("{max-length: 5G, min-length: 5G}\n");

        assertThatThrownBy(() -> find(null, "stats"))
                .hasMessageContaining("line 1: Invalid value for option '--max-length'")
                .hasMessageContaining("line 1: Invalid value for option '--min-length'");
    }

    @Test
    void whatIsForOneCallOrOneCommandIsNotForAll() throws IOException {
        write("""
                yes: true
                data: /tmp/x
                down:
                  delete: true
                  data: /tmp/x
                run:
                  open:
                    source-weights: {wiki: 3}
                """);

        assertThatThrownBy(() -> find(null, "stats"))
                .hasMessageContaining("line 1: 'yes' is for one call, and cannot stand in a file")
                .hasMessageContaining("line 2: 'data' means another thing for another command: put it below one of")
                .hasMessageContaining("line 4: 'delete' is for one call, and cannot stand in a file")
                .hasMessageContaining("line 8: 'source-weights' has one value, as on a command line, such as wiki=3");
    }

    @Test
    void anAliasThatLeadsIntoItselfEnds() throws IOException {
        write("a: &a\n  b: *a\n");

        assertThatThrownBy(() -> find(null, "stats"))
                .isInstanceOf(InvalidException.class)
                .hasMessageContaining("goes deeper");
    }

    @Test
    void helpVersionAndCompletionWorkWhateverTheFileSays() throws IOException {
        write("kafka: [a, b\n");

        assertThat(find(null, "train", "--help")).isEmpty();
        assertThat(find(null, "--version")).isEmpty();
        assertThat(find(null, "version", "-o", "json")).isEmpty();
        assertThat(find(null, "completion", "bash")).isEmpty();
    }

    @Test
    void aFileThatIsNotThereIsRefused() {
        assertThatThrownBy(() -> find(
                        null, "stats", "--config", folder.resolve("none.yaml").toString()))
                .isInstanceOf(InvalidException.class)
                .hasMessageContaining("there is no configuration file");
    }

    @Test
    void anEmptyFileSaysNothing() throws IOException {
        write("# nothing\n");

        assertThat(value(parse("stats"), "--kafka")).isEqualTo("127.0.0.1:9092");
    }

    private void write(String yaml) throws IOException {
        Files.writeString(folder.resolve("dyadic.yaml"), yaml);
    }

    private Optional<Configuration> find(@Nullable String fromEnvironment, String... arguments) {
        return Configuration.find(arguments, fromEnvironment, folder, Dyadic::commandLine);
    }

    private ParseResult parse(String... arguments) {
        CommandLine program = Dyadic.commandLine();
        find(null, arguments).ifPresent(program::setDefaultValueProvider);
        ParseResult result = program.parseArgs(arguments);
        while (result.hasSubcommand()) {
            result = result.subcommand();
        }
        return result;
    }

    private static Object value(ParseResult result, String option) {
        CommandSpec command = result.commandSpec();
        return command.findOption(option).getValue();
    }
}
