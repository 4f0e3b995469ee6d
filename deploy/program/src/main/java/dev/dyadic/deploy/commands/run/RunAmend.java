package dev.dyadic.deploy.commands.run;

import dev.dyadic.deploy.commands.options.PolicyOptions;
import dev.dyadic.deploy.commands.options.SamplerCommand;
import dev.dyadic.deploy.commands.print.Facts;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.print.RunFacts;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.v1.SamplerProto.AmendRunRequest;
import dev.dyadic.v1.SamplerProto.AmendRunResponse;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "amend",
        mixinStandardHelpOptions = true,
        description = "Changes how the cycles of a run are planned from now on, and says from which step that is.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  dyadic run amend live --source-weights wiki=1,code=3,others=1",
            "  dyadic run amend pretrain --curriculum grow-p100",
        })
final class RunAmend extends SamplerCommand {
    @Mixin
    private PolicyOptions policy = new PolicyOptions();

    @Parameters(paramLabel = "NAME", description = "Name of the run.")
    private String name = "";

    @Override
    protected void run(Output output, SamplerClient client) {
        AmendRunRequest.Builder request = AmendRunRequest.newBuilder()
                .setRun(name)
                .setCurriculum(policy.curriculum())
                .addAllOdds(policy.odds())
                .setWeighting(policy.weighting());
        policy.mixture()
                .parse(client.describeRun(name).getInForce().getMixture())
                .ifPresent(request::setMixture);
        AmendRunResponse response = client.amendRun(request.build());
        RunFacts facts = RunFacts.of(response.getRun());
        output.json(Facts.of("run", facts).and("cycle", response.getCycle()).and("firstStep", response.getFirstStep()));
        output.text(
                "Run %s is amended from cycle %,d on, which begins with step %,d: %s",
                name, response.getCycle(), response.getFirstStep(), facts.inForce());
        RunPrinter.warnOfSources(output, response.getRun(), client.describeCorpus());
    }
}
