package dev.dyadic.deploy.commands.look;

import dev.dyadic.deploy.commands.options.SamplerCommand;
import dev.dyadic.deploy.commands.print.Facts;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.print.Table;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.v1.SamplerProto.ExplainResponse;
import dev.dyadic.v1.SamplerProto.Sequence;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "explain",
        mixinStandardHelpOptions = true,
        description = "Which documents, and which spans of their tokens, are in a step of a run.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  dyadic explain pretrain 41207",
            "  dyadic explain pretrain 41207 --first-row 8 --rows 8 -o json",
        })
public final class ExplainCommand extends SamplerCommand {
    /// Rows of one call.
    private static final int PART = 4_096;

    @Parameters(index = "0", paramLabel = "RUN", description = "Name of the run.")
    private String run = "";

    @Parameters(index = "1", paramLabel = "STEP", description = "From 0.")
    private long step;

    @Option(
            names = "--first-row",
            defaultValue = "0",
            description = "First row of the step that is shown; default ${DEFAULT-VALUE}.")
    private int firstRow;

    @Option(names = "--rows", defaultValue = "0", description = "How many are shown; default: to the end of the step.")
    private int rows;

    /// @param start first token, in the document's tokens
    /// @param offset on the topic of the length
    record Row(
            int row,
            String document,
            String source,
            int start,
            int tokens,
            int documentTokens,
            int piece,
            int pieces,
            int partition,
            long offset,
            long documentOffset) {
        static Row of(int row, Sequence sequence) {
            return new Row(
                    row,
                    sequence.getDocumentId(),
                    sequence.getSource(),
                    sequence.getStart(),
                    sequence.getTokens(),
                    sequence.getDocumentTokens(),
                    sequence.getPiece(),
                    sequence.getPieces(),
                    sequence.getPartition(),
                    sequence.getOffset(),
                    sequence.getDocumentOffset());
        }
    }

    @Override
    protected void run(Output output, SamplerClient client) {
        ExplainResponse first = client.explain(run, step, firstRow, 1);
        int end = rows == 0 ? first.getRowsInStep() : firstRow + rows;
        List<Row> found = new ArrayList<>();
        for (int from = firstRow; from < end; from += PART) {
            ExplainResponse part = client.explain(run, step, from, Math.min(PART, end - from));
            for (Sequence sequence : part.getSequencesList()) {
                found.add(Row.of(firstRow + found.size(), sequence));
            }
        }
        output.json(Facts.of("run", run)
                .and("step", step)
                .and("cycle", first.getCycle())
                .and("length", first.getLength())
                .and("rows", found));
        output.text(
                "Step %,d of run %s: cycle %,d, %,d rows of length %,d",
                step, run, first.getCycle(), first.getRowsInStep(), first.getLength());
        Table table = new Table("row", "document", "source", "tokens", "of", "piece", "partition", "offset");
        for (Row row : found) {
            table.row(
                    row.row(),
                    row.document(),
                    row.source(),
                    row.start() + "…" + (row.start() + row.tokens()),
                    row.documentTokens(),
                    (row.piece() + 1) + "/" + row.pieces(),
                    row.partition(),
                    row.offset());
        }
        output.table(table);
    }
}
