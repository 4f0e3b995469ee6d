package dev.dyadic.decomposer.pipeline;

/// A stage turns the document down. Has no stack trace: it is an outcome, made once per rejected document.
final class RejectedException extends Exception {
    private final String stage;
    private final String reason;

    RejectedException(String stage, String reason, String detail) {
        super(detail, null, false, false);
        this.stage = stage;
        this.reason = reason;
    }

    String stage() {
        return stage;
    }

    String reason() {
        return reason;
    }

    String detail() {
        return String.valueOf(getMessage());
    }
}
