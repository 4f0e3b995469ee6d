package dev.dyadic.deploy.commands.run;

import dev.dyadic.deploy.commands.options.OutputOptions;
import dev.dyadic.deploy.commands.options.SamplerOptions;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.v1.SamplerProto.RunDescription;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "describe",
        mixinStandardHelpOptions = true,
        description = "Describes a run: its spec, what is planned, what is committed.",
        footerHeading = "%nExample:%n",
        footer = "  dyadic run describe pretrain")
final class RunDescribe implements Callable<Integer> {
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
            RunDescription run = client.describeRun(name);
            RunPrinter.print(output, run);
            RunPrinter.printPools(output, run);
        }
        return ExitCodes.OK;
    }
}
