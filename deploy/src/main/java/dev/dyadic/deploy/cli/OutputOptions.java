package dev.dyadic.deploy.cli;

import picocli.CommandLine.Option;

/// Options of every command.
final class OutputOptions {
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

    Output open() {
        Logging.configure(verbose);
        return new Output(format);
    }
}
