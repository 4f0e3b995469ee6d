package dev.dyadic.deploy.commands.look;

import dev.dyadic.deploy.commands.options.ClusterOptions;
import dev.dyadic.deploy.commands.options.OutputOptions;
import dev.dyadic.deploy.commands.print.Facts;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.print.Table;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.ingest.IngestException;
import dev.dyadic.ingest.job.InputState.State;
import dev.dyadic.ingest.job.JobTopic;
import dev.dyadic.proto.avro.IngestPosition;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "jobs",
        mixinStandardHelpOptions = true,
        description = {
            "Shows how far ingest jobs have come, or, with a job's name, how far each of its inputs was read.",
            "A job goes on where it stopped when its ingest command is started again.",
        },
        footerHeading = "%nExamples:%n",
        footer = {"  dyadic jobs", "  dyadic jobs ingest-1a2b3c4d", "  dyadic jobs -o json | jq '.[] | .failed'"})
public final class JobsCommand implements Callable<Integer> {
    @Mixin
    private OutputOptions outputOptions = new OutputOptions();

    @Mixin
    private ClusterOptions clusterOptions = new ClusterOptions();

    @Parameters(arity = "0..1", paramLabel = "JOB", description = "Show the inputs of this job.")
    private @Nullable String job;

    /// A job for scripts.
    record JobFacts(
            String job,
            long inputs,
            long reading,
            long done,
            long damaged,
            long failed,
            long accepted,
            long textBytes,
            long split,
            long parts,
            long refused,
            String started,
            String updated) {
        static JobFacts of(String job, Collection<IngestPosition> inputs) {
            return new JobFacts(
                    job,
                    inputs.size(),
                    count(inputs, State.READING),
                    count(inputs, State.DONE),
                    count(inputs, State.DAMAGED),
                    count(inputs, State.FAILED),
                    inputs.stream().mapToLong(IngestPosition::getAccepted).sum(),
                    inputs.stream().mapToLong(IngestPosition::getTextBytes).sum(),
                    inputs.stream().mapToLong(IngestPosition::getSplit).sum(),
                    inputs.stream().mapToLong(IngestPosition::getParts).sum(),
                    inputs.stream().mapToLong(JobsCommand::refused).sum(),
                    time(inputs.stream()
                            .mapToLong(IngestPosition::getStartedMillis)
                            .min()
                            .orElse(0)),
                    time(inputs.stream()
                            .mapToLong(IngestPosition::getUpdatedMillis)
                            .max()
                            .orElse(0)));
        }

        private static long count(Collection<IngestPosition> inputs, State state) {
            return inputs.stream()
                    .filter(input -> input.getState().equals(state.text()))
                    .count();
        }
    }

    /// An input for scripts.
    record InputFacts(
            String input,
            String state,
            String detail,
            long sizeBytes,
            long entries,
            long offset,
            long accepted,
            long textBytes,
            long split,
            long parts,
            Map<String, Long> refused,
            Map<String, Long> leftOut,
            Map<String, Long> unread,
            String started,
            String updated) {
        static InputFacts of(IngestPosition input) {
            return new InputFacts(
                    input.getInput(),
                    input.getState(),
                    input.getDetail(),
                    input.getSizeBytes(),
                    input.getEntries(),
                    input.getOffset(),
                    input.getAccepted(),
                    input.getTextBytes(),
                    input.getSplit(),
                    input.getParts(),
                    input.getRefused(),
                    input.getLeftOut(),
                    input.getUnread(),
                    time(input.getStartedMillis()),
                    time(input.getUpdatedMillis()));
        }
    }

    @Override
    public Integer call() {
        Output output = outputOptions.open();
        Map<String, Map<String, IngestPosition>> jobs =
                new JobTopic(clusterOptions.cluster(), clusterOptions.topics()).read();
        if (job == null) {
            showJobs(output, jobs);
        } else {
            Map<String, IngestPosition> inputs = jobs.get(job);
            if (inputs == null) {
                throw new IngestException(
                        "there is no job '" + job + "'; dyadic jobs shows those that there are", null);
            }
            showInputs(output, job, inputs.values());
        }
        return ExitCodes.OK;
    }

    private static void showJobs(Output output, Map<String, Map<String, IngestPosition>> jobs) {
        List<JobFacts> facts = jobs.entrySet().stream()
                .map(entry -> JobFacts.of(entry.getKey(), entry.getValue().values()))
                .toList();
        output.json(Facts.of("jobs", facts));
        if (facts.isEmpty()) {
            output.text("No ingest job was ever started here.");
            return;
        }
        Table table = new Table(
                "job", "inputs", "done", "reading", "damaged", "failed", "documents", "MB of text", "refused", "last");
        for (JobFacts fact : facts) {
            table.row(
                    fact.job(),
                    fact.inputs(),
                    fact.done(),
                    fact.reading(),
                    fact.damaged(),
                    fact.failed(),
                    fact.accepted(),
                    "%.1f".formatted(fact.textBytes() / 1e6),
                    fact.refused(),
                    fact.updated());
        }
        output.table(table);
    }

    private static void showInputs(Output output, String job, Collection<IngestPosition> inputs) {
        output.json(Facts.of("job", job)
                .and("inputs", inputs.stream().map(InputFacts::of).toList()));
        Table table = new Table("input", "state", "entries", "documents", "MB of text", "refused", "last");
        for (IngestPosition input : inputs) {
            table.row(
                    input.getInput(),
                    input.getState(),
                    input.getEntries(),
                    input.getAccepted(),
                    "%.1f".formatted(input.getTextBytes() / 1e6),
                    refused(input),
                    time(input.getUpdatedMillis()));
        }
        output.table(table);
        for (IngestPosition input : inputs) {
            if (!input.getDetail().isEmpty()) {
                output.text("%s: %s", input.getInput(), input.getDetail());
            }
        }
    }

    private static long refused(IngestPosition input) {
        return input.getRefused().values().stream().mapToLong(Long::longValue).sum();
    }

    private static String time(long millis) {
        return Instant.ofEpochMilli(millis).truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
