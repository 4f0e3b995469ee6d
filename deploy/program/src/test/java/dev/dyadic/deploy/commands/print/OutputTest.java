package dev.dyadic.deploy.commands.print;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
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

    @Test
    void keysKeepTheirOrder() {
        output(Output.Format.json).json(Facts.of("z", 1).and("a", 2).and("m", 3));

        assertThat(results.toString(StandardCharsets.UTF_8).strip()).isEqualTo("{\"z\":1,\"a\":2,\"m\":3}");
    }

    @Test
    void whatIsPutInIsSafeForATerminalAndJsonSaysTheSame() throws JsonProcessingException {
        String hostile = "a\u001b[2J\r\nb\u202e\u009b";

        output(Output.Format.text).text("%s %s %,d", hostile, List.of(hostile), 1000);
        output(Output.Format.text).table(new Table("head").row(hostile));
        output(Output.Format.text).text("%s", Output.lines("one\ntwo\u001b"));
        String text = results.toString(StandardCharsets.UTF_8);
        results.reset();
        output(Output.Format.json).json(Facts.of("id", hostile));
        String json = results.toString(StandardCharsets.UTF_8);

        String shown = "a\\u001b[2J\\r\\nb\\u202e\\u009b";
        assertThat(text).isEqualTo(shown + " [" + shown + "] 1,000\n  head\n  " + shown + "\none\ntwo\\u001b\n");
        assertThat(json.codePoints().filter(c -> (Character.isISOControl(c) && c != '\n') || c == 0x202e))
                .isEmpty();
        assertThat(new ObjectMapper().readTree(json).path("id").asText()).isEqualTo(hostile);
    }

    private Output output(Output.Format format) {
        return new Output(
                format,
                false,
                new PrintStream(results, true, StandardCharsets.UTF_8),
                new PrintStream(notes, true, StandardCharsets.UTF_8));
    }

    private void print(Output.Format format) {
        Output output = output(format);
        output.note("it goes on");
        output.text("%d steps", 3);
        output.json(Map.of("steps", 3));
    }
}
