package dev.dyadic.ingest;

/// What came is no document.
final class RefusedException extends Exception {
    final String reason;
    final String detail;

    /// @param reason short code, counted and stored
    /// @param detail what was expected and what came
    RefusedException(String reason, String detail) {
        super(detail, null, false, false);
        this.reason = reason;
        this.detail = detail;
    }
}
