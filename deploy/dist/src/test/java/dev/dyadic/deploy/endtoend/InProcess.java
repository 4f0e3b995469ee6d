package dev.dyadic.deploy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dyadic.deploy.commands.Dyadic;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine;

/// Runs commands in the tests' own process, and keeps what they print.
final class InProcess {
    private static final ObjectMapper JSON = new ObjectMapper();

    private InProcess() {}

    record Result(int code, String out, String errors) {
        /// The last line of the output.
        JsonNode json() {
            assertThat(code).as(out + errors).isZero();
            return read(out.lines().reduce((_, last) -> last).orElseThrow());
        }

        /// Every line of the output.
        List<JsonNode> jsonLines() {
            assertThat(code).as(errors).isZero();
            return out.lines().map(Result::read).toList();
        }

        private static JsonNode read(String line) {
            try {
                return JSON.readTree(line);
            } catch (IOException e) {
                throw new UncheckedIOException(line, e);
            }
        }
    }

    /// A line with more words behind it.
    static List<String> with(List<String> line, String... more) {
        return Stream.concat(line.stream(), Stream.of(more)).toList();
    }

    static Result run(String... line) {
        return run(List.of(line));
    }

    static Result run(List<String> line) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        ByteArrayOutputStream errors = new ByteArrayOutputStream();
        PrintStream toOut = new PrintStream(printed, true, StandardCharsets.UTF_8);
        PrintStream toErrors = new PrintStream(errors, true, StandardCharsets.UTF_8);
        try {
            System.setOut(toOut);
            System.setErr(toErrors);
            CommandLine program = Dyadic.commandLine();
            program.setOut(new PrintWriter(toOut, true, StandardCharsets.UTF_8));
            program.setErr(new PrintWriter(toErrors, true, StandardCharsets.UTF_8));
            int code = program.execute(line.toArray(String[]::new));
            return new Result(code, printed.toString(StandardCharsets.UTF_8), errors.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }
}
