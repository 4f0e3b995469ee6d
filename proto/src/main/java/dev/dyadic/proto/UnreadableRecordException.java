package dev.dyadic.proto;

import org.jspecify.annotations.Nullable;

/// A record's bytes are not what its topic holds. The message says what was expected.
public class UnreadableRecordException extends Exception {
    private static final long serialVersionUID = 1L;

    public UnreadableRecordException(String message) {
        super(message);
    }

    public UnreadableRecordException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
