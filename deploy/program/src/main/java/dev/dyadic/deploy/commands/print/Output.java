package dev.dyadic.deploy.commands.print;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import dev.dyadic.deploy.commands.process.Logging;
import dev.dyadic.proto.Printable;
import java.io.PrintStream;
import java.util.Locale;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Where a command writes: results to standard output, everything else to standard error. With `-o json`, standard
/// output ends with one JSON object.
///
/// Ids, sources and texts come from anybody, so what is put into a pattern or a table is made safe for terminals and
/// logs, see [Printable]; nothing else in this program writes to standard output or standard error.
public final class Output {
    private static final ObjectMapper JSON = new ObjectMapper();

    /// How the user has called this program: the launcher tells.
    public static final String COMMAND = System.getProperty("dyadic.command", "dyadic");

    public enum Format {
        text,
        json
    }

    /// What a service tells while it runs is a line of the log where the log is JSON.
    private static final Logger LOG = LoggerFactory.getLogger(Logging.TOLD);

    private final PrintStream results;
    private final PrintStream notes;
    private final Format format;
    private final boolean logsJson;

    public Output(Format format, boolean logsJson) {
        this(format, logsJson, System.out, System.err);
    }

    Output(Format format, boolean logsJson, PrintStream results, PrintStream notes) {
        this.format = format;
        this.logsJson = logsJson;
        this.results = results;
        this.notes = notes;
    }

    /// A value that is printed as it is: it is safe already.
    private record Safe(String text) {
        @Override
        public String toString() {
            return text;
        }
    }

    /// A value of several lines.
    public static Object lines(String text) {
        return new Safe(Printable.lines(text));
    }

    /// A value with colours, whose maker has made everything else in it safe.
    static Object coloured(String text) {
        return new Safe(text);
    }

    boolean isJson() {
        return format == Format.json;
    }

    /// A line of a result for people: dropped in JSON.
    @FormatMethod
    public void text(@FormatString String pattern, Object... values) {
        if (!isJson()) {
            results.print(line(pattern, values));
            results.flush();
        }
    }

    /// What a service says when it is up, for people: dropped in JSON.
    @FormatMethod
    public void announce(@FormatString String pattern, Object... values) {
        if (logsJson && !isJson()) {
            note(pattern, values);
        } else {
            text(pattern, values);
        }
    }

    /// A command to type next, for people: dropped in JSON.
    public void next(String arguments) {
        text("Next: %s %s", COMMAND, arguments);
    }

    /// The same, of a service.
    public void announceNext(String arguments) {
        announce("Next: %s %s", COMMAND, arguments);
    }

    /// A table for people: dropped in JSON.
    public void table(Table table) {
        if (!isJson()) {
            results.print(table);
            results.flush();
        }
    }

    /// The result for scripts: dropped in text.
    public void json(Object value) {
        if (isJson()) {
            jsonLine(value);
        }
    }

    private static String jsonText(Object value) {
        try {
            return Printable.json(JSON.writeValueAsString(value));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a result that is no JSON", e);
        }
    }

    /// A line of a result that is JSON for people, too.
    public void jsonLine(Object value) {
        results.println(jsonText(value));
        results.flush();
    }

    /// Whether nobody reads the results any more.
    public boolean isClosed() {
        return results.checkError();
    }

    /// How far something has come.
    static void progress(String line) {
        new Output(Format.text, Logging.isJson()).note("%s", line);
    }

    /// A line about what goes on.
    @FormatMethod
    public void note(@FormatString String pattern, Object... values) {
        if (logsJson) {
            LOG.info(line(pattern, values).strip());
        } else {
            notes.print(line(pattern, values));
            notes.flush();
        }
    }

    @FormatMethod
    private static String line(@FormatString String pattern, Object... values) {
        return String.format(
                        Locale.ROOT,
                        pattern,
                        Stream.of(values).map(Output::safe).toArray())
                + System.lineSeparator();
    }

    private static Object safe(Object value) {
        return switch (value) {
            case Number number -> number;
            case Safe safe -> safe;
            default -> Printable.line(String.valueOf(value));
        };
    }
}
