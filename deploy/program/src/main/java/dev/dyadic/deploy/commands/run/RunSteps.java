package dev.dyadic.deploy.commands.run;

import dev.dyadic.deploy.commands.options.SamplerCommand;
import dev.dyadic.deploy.commands.print.Facts;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.print.Table;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.v1.SamplerProto.Batch;
import dev.dyadic.v1.SamplerProto.GetBatchRequest;
import dev.dyadic.v1.SamplerProto.RunDescription;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "steps",
        mixinStandardHelpOptions = true,
        description =
                "Fetches steps and prints length and digest of each: two samplers, or two moments, are compared by it.",
        footerHeading = "%nExamples:%n",
        footer = {"  dyadic run steps pretrain --last 20", "  dyadic run steps pretrain --first 0 --end 1000 -o json"})
final class RunSteps extends SamplerCommand {
    @Parameters(paramLabel = "NAME", description = "Name of the run.")
    private String name = "";

    @Option(names = "--first", defaultValue = "0", description = "First step; default ${DEFAULT-VALUE}.")
    private long first;

    @Option(names = "--end", defaultValue = "-1", description = "First step that is left out; default: as planned.")
    private long end;

    @Option(names = "--last", defaultValue = "0", paramLabel = "STEPS", description = "Only the last so many.")
    private long last;

    record Line(long step, long cycle, int length, int rows, String digest) {}

    @Override
    protected void run(Output output, SamplerClient client) {
        if (end >= 0 && end <= first) {
            throw new InvalidException("--end must be after --first, but they were " + end + " and " + first);
        }
        RunDescription run = client.describeRun(name);
        long stop = end < 0 ? run.getStepsPlanned() : end;
        long start = last > 0 ? Math.max(first, stop - last) : first;
        List<Line> lines = new ArrayList<>();
        for (long step = start; step < stop; step++) {
            Batch batch = client.getBatch(GetBatchRequest.newBuilder()
                    .setRun(name)
                    .setStep(step)
                    .setLooking(true)
                    .build());
            lines.add(new Line(
                    step, batch.getCycle(), batch.getLength(), batch.getRows(), "%016x".formatted(batch.getDigest())));
        }
        output.json(Facts.of("run", name).and("steps", lines));
        Table table = new Table("step", "cycle", "length", "rows", "digest");
        lines.forEach(line -> table.row(line.step(), line.cycle(), line.length(), line.rows(), line.digest()));
        output.table(table);
    }
}
