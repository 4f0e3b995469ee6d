package dev.dyadic.deploy.commands.run;

import dev.dyadic.deploy.commands.options.SamplerCommand;
import dev.dyadic.deploy.commands.print.Confirmation;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.print.RunFacts;
import dev.dyadic.deploy.commands.print.Texts;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.v1.SamplerProto.RunDescription;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "close",
        mixinStandardHelpOptions = true,
        description =
                "Ends the planning of a run. What is planned can be served for ever. Asks back where a bounded run would"
                        + " lose steps.",
        footerHeading = "%nExample:%n",
        footer = "  dyadic run close live")
final class RunClose extends SamplerCommand {
    @Parameters(paramLabel = "NAME", description = "Name of the run.")
    private String name = "";

    @Option(names = "--yes", description = "Close a bounded run that is not planned to its end, too.")
    private boolean yes;

    @Override
    protected void run(Output output, SamplerClient client) {
        RunDescription run = client.describeRun(name);
        if (!run.getClosed() && run.hasTotalSteps() && run.getStepsPlanned() < run.getTotalSteps()) {
            Confirmation.require(
                    output,
                    yes,
                    "Run %s is bounded and has %,d steps, of which %,d are planned: closed now, it never has the others."
                            .formatted(name, run.getTotalSteps(), run.getStepsPlanned()),
                    name);
        }
        RunFacts closed = RunFacts.of(client.closeRun(name));
        output.json(closed);
        output.text(
                "Run %s is closed. Its %s can be served for ever.",
                name, Texts.count(closed.stepsPlanned(), "planned step"));
    }
}
