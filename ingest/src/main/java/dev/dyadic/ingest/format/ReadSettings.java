package dev.dyadic.ingest.format;

import dev.dyadic.ingest.document.DocumentRules;
import java.nio.charset.Charset;
import java.util.Optional;

/// How inputs are read.
///
/// @param format empty: told by the name, or else by the first bytes
/// @param charset of texts and JSON; empty: told by the first bytes, or else UTF-8
/// @param sourceFromPath the source of documents that name none; empty: that of the rules
/// @param idFromPath the id of a file that is one document; empty: made of its source and text
public record ReadSettings(
        DocumentRules rules,
        Optional<Format> format,
        Optional<Charset> charset,
        Optional<PathPattern> sourceFromPath,
        Optional<PathPattern> idFromPath) {
    /// What suits files that name everything.
    public static ReadSettings of(DocumentRules rules) {
        return new ReadSettings(rules, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }
}
