package dev.dyadic.deploy.commands.run;

import dev.dyadic.deploy.commands.options.SamplerCommand;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.sampler.client.SamplerClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "close",
        mixinStandardHelpOptions = true,
        description = "Ends the planning of a run. What is planned can be served for ever.",
        footerHeading = "%nExample:%n",
        footer = "  dyadic run close live")
final class RunClose extends SamplerCommand {
    @Parameters(paramLabel = "NAME", description = "Name of the run.")
    private String name = "";

    @Override
    protected void run(Output output, SamplerClient client) {
        RunPrinter.print(output, client.closeRun(name));
    }
}
