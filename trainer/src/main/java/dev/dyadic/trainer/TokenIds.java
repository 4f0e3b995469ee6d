package dev.dyadic.trainer;

import dev.dyadic.trainer.model.TokenRows;
import dev.dyadic.v1.SamplerProto.Batch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Little-endian ids of a batch, widened.
public final class TokenIds {
    private TokenIds() {}

    public static TokenRows of(Batch batch) {
        ByteBuffer bytes = batch.getTokens().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        long[] ids = new long[batch.getRows() * batch.getRowTokens()];
        switch (batch.getTokenWidth()) {
            case 2 -> {
                for (int i = 0; i < ids.length; i++) {
                    ids[i] = Short.toUnsignedLong(bytes.getShort());
                }
            }
            case 4 -> {
                for (int i = 0; i < ids.length; i++) {
                    ids[i] = Integer.toUnsignedLong(bytes.getInt());
                }
            }
            default -> throw new IllegalStateException("a batch with token width " + batch.getTokenWidth());
        }
        return new TokenRows(ids, batch.getRows());
    }
}
