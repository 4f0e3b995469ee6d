package dev.dyadic.deploy.commands.print;

import dev.dyadic.ingest.IngestProgress;
import dev.dyadic.ingest.bytes.Input;
import java.util.List;
import me.tongfei.progressbar.ProgressBar;

/// Bytes read of all, their rate, the time left, and the number of documents.
public final class IngestBar implements IngestProgress, AutoCloseable {
    private static final long MEGABYTE = 1_000_000;

    private final ProgressBar bar;

    private IngestBar(ProgressBar bar) {
        this.bar = bar;
    }

    public static IngestBar open(List<Input> inputs) {
        boolean known = inputs.stream().allMatch(input -> input.sizeBytes() >= 0);
        return new IngestBar(ProgressBars.of("ingest")
                .setInitialMax(
                        known ? inputs.stream().mapToLong(Input::sizeBytes).sum() : -1)
                .setUnit(" MB", MEGABYTE)
                .build());
    }

    @Override
    public void update(long documents, long rejected, long storedBytes) {
        bar.stepTo(storedBytes);
        bar.setExtraMessage(" " + documents + " documents" + (rejected == 0 ? "" : ", " + rejected + " refused"));
    }

    @Override
    public void close() {
        bar.close();
    }
}
