package dev.dyadic.proto;

/// A record of a kind or a schema that this program does not have: a later release wrote it.
public final class UnknownRecordException extends UnreadableRecordException {
    private static final long serialVersionUID = 1L;

    public UnknownRecordException(String message) {
        super(message);
    }
}
