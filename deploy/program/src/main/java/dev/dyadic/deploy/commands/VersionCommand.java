package dev.dyadic.deploy.commands;

import dev.dyadic.deploy.commands.options.OutputOptions;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.proto.Version;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "version",
        mixinStandardHelpOptions = true,
        description = "Says which version this is, of which commit, and which Java runs it.",
        footerHeading = "%nExample:%n",
        footer = "  dyadic version -o json")
final class VersionCommand implements Callable<Integer> {
    @Mixin
    private OutputOptions outputOptions = new OutputOptions();

    /// @param commit of the sources; "unknown" where they were built outside a git checkout
    record Facts(String version, String commit, String java, String javaVendor, String os) {}

    @Override
    public Integer call() {
        Output output = outputOptions.open();
        Facts facts = new Facts(
                Version.TEXT,
                Version.COMMIT,
                Runtime.version().toString(),
                System.getProperty("java.vendor", "unknown"),
                System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        output.json(facts);
        output.text("dyadic %s", facts.version());
        output.text("commit %s", facts.commit());
        output.text("Java   %s, %s", facts.java(), facts.javaVendor());
        output.text("on     %s", facts.os());
        return ExitCodes.OK;
    }
}
