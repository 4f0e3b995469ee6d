package dev.dyadic.deploy.commands.options;

import dev.dyadic.deploy.commands.config.Configuration;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.process.Logging;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Options of every command.
public final class OutputOptions {
    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "${COMPLETION-CANDIDATES}; default ${DEFAULT-VALUE}.")
    private Output.Format format = Output.Format.text;

    @Option(
            names = {"-v", "--verbose"},
            description = "Log what goes on, to standard error.")
    private boolean verbose;

    @Option(
            names = "--log-format",
            paramLabel = "FORMAT",
            defaultValue = "${env:DYADIC_LOG_FORMAT:-text}",
            description = "${COMPLETION-CANDIDATES}: log lines for people, or JSON objects; default $$DYADIC_LOG_FORMAT"
                    + " or text.")
    private Output.Format logFormat = Output.Format.text;

    /// [Configuration] has read it before the others.
    @SuppressWarnings("UnusedVariable")
    @Option(
            names = Configuration.OPTION,
            paramLabel = "FILE",
            description =
                    "Options by their names, as YAML; default $$DYADIC_CONFIG, or dyadic.yaml here if it is there.")
    private @Nullable Path configuration;

    public Output open() {
        boolean logsJson = logFormat == Output.Format.json;
        Logging.configure(verbose, logsJson);
        Output output = new Output(format, logsJson);
        if (verbose) {
            Configuration.taken().ifPresent(path -> output.note("Options of %s.", path));
        }
        return output;
    }
}
