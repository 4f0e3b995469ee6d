package dev.dyadic.deploy.export;

import dev.dyadic.proto.Digests;
import dev.dyadic.proto.DyadicException;
import dev.dyadic.sampler.segments.RowDigest;
import dev.dyadic.v1.SamplerProto.Batch;

/// The rows of a step, as they came.
final class StepRows {
    private final Batch batch;
    private final byte[] tokens;

    private StepRows(Batch batch, byte[] tokens) {
        this.batch = batch;
        this.tokens = tokens;
    }

    /// @param batch a whole step, with sources
    /// @param number of the step that was asked for
    /// @throws ExportException if it is another one, or the bytes do not have the digest that came with them
    static StepRows of(Batch batch, long number) {
        long bytes = (long) batch.getRows() * batch.getRowTokens() * batch.getTokenWidth();
        if (batch.getStep() != number
                || batch.getTokens().size() != bytes
                || batch.getRowSourcesCount() != batch.getRows()) {
            throw new ExportException(
                    DyadicException.Kind.DATA_LOSS,
                    "step %d was asked for, but step %d came, with %d bytes in place of %d; try again"
                            .formatted(
                                    number, batch.getStep(), batch.getTokens().size(), bytes),
                    null);
        }
        StepRows step = new StepRows(batch, batch.getTokens().toByteArray());
        long digest = 0;
        for (int row = 0; row < step.rows(); row++) {
            long hash = Digests.xxh64(step.tokens, row * step.rowBytes(), step.rowBytes());
            digest += RowDigest.inStep(hash, step.step(), row);
        }
        if (digest != batch.getDigest()) {
            throw new ExportException(
                    DyadicException.Kind.DATA_LOSS,
                    "step %d came with the digest %016x, but its bytes have %016x: they changed on the way; try again"
                            .formatted(step.step(), batch.getDigest(), digest),
                    null);
        }
        return step;
    }

    long step() {
        return batch.getStep();
    }

    int length() {
        return batch.getLength();
    }

    int rows() {
        return batch.getRows();
    }

    int rowTokens() {
        return batch.getRowTokens();
    }

    int tokenBytes() {
        return batch.getTokenWidth();
    }

    int rowBytes() {
        return rowTokens() * tokenBytes();
    }

    long digest() {
        return batch.getDigest();
    }

    /// Little-endian, row after row.
    byte[] tokens() {
        return tokens;
    }

    /// Where a row comes from.
    String source(int row) {
        return batch.getSources(batch.getRowSources(row));
    }
}
