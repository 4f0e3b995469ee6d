package dev.dyadic.deploy.commands.print;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.errorprone.annotations.FormatMethod;
import com.google.errorprone.annotations.FormatString;
import java.io.PrintStream;
import java.util.Locale;

/// Where a command writes: results to standard output, everything else to standard error. With `-o json`, standard
/// output ends with one JSON object.
public final class Output {
    private static final ObjectMapper JSON = new ObjectMapper();

    /// How the user has called this program: the launcher tells.
    public static final String COMMAND = System.getProperty("dyadic.command", "dyadic");

    public enum Format {
        text,
        json
    }

    private final PrintStream results;
    private final PrintStream notes;
    private final Format format;

    public Output(Format format) {
        this(format, System.out, System.err);
    }

    public Output(Format format, PrintStream results, PrintStream notes) {
        this.format = format;
        this.results = results;
        this.notes = notes;
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

    /// A command to type next, for people: dropped in JSON.
    public void next(String arguments) {
        text("Next: %s %s", COMMAND, arguments);
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
            try {
                results.println(JSON.writeValueAsString(value));
                results.flush();
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("a result that is no JSON", e);
            }
        }
    }

    /// A line about what goes on.
    @FormatMethod
    public void note(@FormatString String pattern, Object... values) {
        notes.print(line(pattern, values));
        notes.flush();
    }

    @FormatMethod
    private static String line(@FormatString String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values) + System.lineSeparator();
    }
}
