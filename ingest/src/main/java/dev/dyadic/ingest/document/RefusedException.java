package dev.dyadic.ingest.document;

import org.jspecify.annotations.Nullable;

/// An entry is no document.
public final class RefusedException extends Exception {
    private final String reason;
    private final String detail;

    /// @param reason short code, counted and stored
    /// @param detail what was expected and what came
    public RefusedException(String reason, String detail) {
        super(detail, null, false, false);
        this.reason = reason;
        this.detail = detail;
    }

    /// @param documentId null where it is not known
    public Parsed.Refused refused(@Nullable String documentId) {
        return new Parsed.Refused(reason, detail, documentId);
    }
}
