package dev.dyadic.deploy.commands.run;

import dev.dyadic.deploy.commands.options.SamplerCommand;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.v1.SamplerProto.RunDescription;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "describe",
        mixinStandardHelpOptions = true,
        description = "Describes a run: its spec, what is planned, what is committed.",
        footerHeading = "%nExample:%n",
        footer = "  dyadic run describe pretrain")
final class RunDescribe extends SamplerCommand {
    @Parameters(paramLabel = "NAME", description = "Name of the run.")
    private String name = "";

    @Override
    protected void run(Output output, SamplerClient client) {
        RunDescription run = client.describeRun(name);
        RunPrinter.print(output, run);
        RunPrinter.printPools(output, run);
    }
}
