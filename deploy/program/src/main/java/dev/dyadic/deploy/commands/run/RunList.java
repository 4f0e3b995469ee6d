package dev.dyadic.deploy.commands.run;

import dev.dyadic.deploy.commands.options.SamplerCommand;
import dev.dyadic.deploy.commands.print.Facts;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.print.RunFacts;
import dev.dyadic.deploy.commands.print.Table;
import dev.dyadic.sampler.client.SamplerClient;
import java.util.List;
import picocli.CommandLine.Command;

@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "Lists the runs of a corpus.",
        footerHeading = "%nExample:%n",
        footer = "  dyadic run list -o json")
final class RunList extends SamplerCommand {
    @Override
    protected void run(Output output, SamplerClient client) {
        List<RunFacts> runs = client.listRuns().stream().map(RunFacts::of).toList();
        output.json(Facts.of("runs", runs));
        Table table = new Table("run", "id", "kind", "curriculum", "tokens/step", "steps", "total", "committed");
        for (RunFacts run : runs) {
            table.row(
                    run.name(),
                    run.id(),
                    run.kind() + (run.closed() ? ", closed" : ""),
                    run.curriculum(),
                    run.tokensPerStep(),
                    run.stepsPlanned(),
                    run.totalSteps() == null ? "-" : run.totalSteps(),
                    run.committedStep() == null ? "-" : run.committedStep());
        }
        output.table(table);
    }
}
