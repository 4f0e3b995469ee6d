package dev.dyadic.decomposer.pipeline;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// One record of the documents topic.
///
/// @param topic named in rejects
/// @param publishedMillis the record's time
/// @param key null where the record has none
/// @param value null where the record has none
public record Incoming(
        String topic,
        long offset,
        long publishedMillis,
        @Nullable ByteBuffer key,
        @Nullable ByteBuffer value) {

    /// Size of the value: what Law 1 counts in bytes.
    public int bytes() {
        return value == null ? 0 : value.remaining();
    }
}
