package dev.dyadic.deploy.commands.run;

import dev.dyadic.deploy.commands.options.PolicyOptions;
import dev.dyadic.deploy.commands.options.SamplerCommand;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.v1.SamplerProto.ForkRunRequest;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "fork",
        mixinStandardHelpOptions = true,
        description = "Makes a run that has another's steps up to one, and goes on from there in its own way.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  dyadic run fork retry --from pretrain --step 41000 --skip 200",
            "  dyadic run fork late --from live --step 9000 --seed 7 --curriculum uniform",
        })
final class RunFork extends SamplerCommand {
    @Mixin
    private PolicyOptions policy = new PolicyOptions();

    @Parameters(paramLabel = "NAME", description = "Name of the new run.")
    private String name = "";

    @Option(names = "--from", required = true, paramLabel = "RUN", description = "The run to fork.")
    private String parent = "";

    @Option(
            names = "--step",
            required = true,
            description = "The first step that is its own; those below are the parent's.")
    private long step;

    @Option(
            names = "--skip",
            defaultValue = "0",
            paramLabel = "STEPS",
            description = "Leave out so many of the parent's steps from there on; default ${DEFAULT-VALUE}.")
    private long skip;

    @Option(names = "--seed", description = "Seed of the order from the fork on; default: the parent's.")
    private @Nullable Long seed;

    @Override
    protected void run(Output output, SamplerClient client) {
        ForkRunRequest.Builder request = ForkRunRequest.newBuilder()
                .setName(name)
                .setParent(parent)
                .setStep(step)
                .setSkip(skip)
                .setCurriculum(policy.curriculum())
                .addAllOdds(policy.odds())
                .setWeighting(policy.weighting());
        if (seed != null) {
            request.setSeed(seed);
        }
        policy.mixture()
                .parse(client.describeRun(parent).getInForce().getMixture())
                .ifPresent(request::setMixture);
        RunPrinter.print(output, client.forkRun(request.build()));
    }
}
