package dev.dyadic.deploy.commands.run;

import dev.dyadic.deploy.commands.options.OutputOptions;
import dev.dyadic.deploy.commands.options.SamplerOptions;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.sampler.client.SamplerClient;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "close",
        mixinStandardHelpOptions = true,
        description = "Ends the planning of a run. What is planned can be served for ever.",
        footerHeading = "%nExample:%n",
        footer = "  dyadic run close live")
final class RunClose implements Callable<Integer> {
    @Mixin
    private OutputOptions outputOptions = new OutputOptions();

    @Mixin
    private SamplerOptions samplerOptions = new SamplerOptions();

    @Parameters(paramLabel = "NAME", description = "Name of the run.")
    private String name = "";

    @Override
    public Integer call() {
        Output output = outputOptions.open();
        try (SamplerClient client = samplerOptions.connect()) {
            RunPrinter.print(output, client.closeRun(name));
        }
        return ExitCodes.OK;
    }
}
