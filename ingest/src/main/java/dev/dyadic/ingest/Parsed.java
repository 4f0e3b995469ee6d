package dev.dyadic.ingest;

import dev.dyadic.proto.avro.Document;
import org.jspecify.annotations.Nullable;

/// What a line turned out to be.
sealed interface Parsed {
    /// @param timeIsUnread whether it counts as of now because its time could not be read
    record Accepted(Document document, int textBytes, boolean timeIsUnread) implements Parsed {}

    /// @param reason short code, counted and stored
    /// @param detail what was expected and what came
    record Refused(String reason, String detail, @Nullable String documentId) implements Parsed {}

    /// White space only: no document.
    record Blank() implements Parsed {}
}
