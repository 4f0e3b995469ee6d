package dev.dyadic.ingest.document;

import dev.dyadic.proto.Limits;
import java.time.InstantSource;

/// What makes a document of what an entry has.
///
/// @param defaultSource of documents without one
/// @param clock the time of documents without one
public record DocumentRules(Fields fields, String defaultSource, int maxTextBytes, InstantSource clock) {
    /// With the limits of the documents topic.
    public static DocumentRules of(Fields fields, String defaultSource) {
        return new DocumentRules(fields, defaultSource, Limits.MAX_TEXT_BYTES, InstantSource.system());
    }

    /// The same, for an input whose documents have another source.
    public DocumentRules withSource(String source) {
        return new DocumentRules(fields, source, maxTextBytes, clock);
    }
}
