package dev.dyadic.proto;

import org.jspecify.annotations.Nullable;

/// Something that a user can mend: the message is written for the user, and says what was expected, what came, and
/// what to do. The kind decides a command's exit code and a call's gRPC status.
///
/// Whatever is thrown and is not of this type is a defect of the program, and is reported with its stack. That goes
/// for [IllegalArgumentException] too: it says that the program called itself wrongly.
public class DyadicException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Kind kind;

    public enum Kind {
        /// A request, an option, a setting or a file is wrong.
        INVALID,
        /// What was named does not exist.
        NOT_FOUND,
        /// A spec, a checkpoint or a corpus differs from what is recorded.
        MISMATCH,
        /// It cannot be done now, and perhaps can be later.
        NOT_READY,
        /// A step lies outside the run.
        OUT_OF_RANGE,
        /// A bound on calls is reached.
        TOO_MANY_CALLS,
        /// Rows are gone, damaged, or contradict the ledger.
        DATA_LOSS,
        /// Kafka, a disk, a network or another program does not do what it should.
        OUTSIDE
    }

    public DyadicException(Kind kind, String message) {
        this(kind, message, null);
    }

    public DyadicException(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
