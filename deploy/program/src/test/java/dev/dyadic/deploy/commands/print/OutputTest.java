package dev.dyadic.deploy.commands.print;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OutputTest {
    private final ByteArrayOutputStream results = new ByteArrayOutputStream();
    private final ByteArrayOutputStream notes = new ByteArrayOutputStream();

    @Test
    void jsonHasNothingElseOnStandardOutput() {
        print(Output.Format.json);

        assertThat(results.toString(StandardCharsets.UTF_8).strip()).isEqualTo("{\"steps\":3}");
        assertThat(notes.toString(StandardCharsets.UTF_8).strip()).isEqualTo("it goes on");
    }

    @Test
    void textIsForPeople() {
        print(Output.Format.text);

        assertThat(results.toString(StandardCharsets.UTF_8).strip()).isEqualTo("3 steps");
        assertThat(notes.toString(StandardCharsets.UTF_8).strip()).isEqualTo("it goes on");
    }

    private void print(Output.Format format) {
        Output output = new Output(
                format,
                false,
                new PrintStream(results, true, StandardCharsets.UTF_8),
                new PrintStream(notes, true, StandardCharsets.UTF_8));
        output.note("it goes on");
        output.text("%d steps", 3);
        output.json(Map.of("steps", 3));
    }
}
