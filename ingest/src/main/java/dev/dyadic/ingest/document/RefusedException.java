package dev.dyadic.ingest.document;

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

    public String reason() {
        return reason;
    }

    public String detail() {
        return detail;
    }
}
