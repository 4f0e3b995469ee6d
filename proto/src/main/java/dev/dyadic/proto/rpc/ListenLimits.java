package dev.dyadic.proto.rpc;

import dev.dyadic.proto.InvalidException;
import java.time.Duration;

/// What a service takes from one connection.
///
/// @param maxMessageBytes of one request
/// @param windowBytes that a connection may send before they are taken from it
/// @param maxConnectionAge after which clients are asked to connect anew, so that new replicas get their share;
/// 0: never
public record ListenLimits(int maxMessageBytes, int windowBytes, Duration maxConnectionAge) {
    /// Largest size of one call's headers.
    static final int MAX_HEADER_BYTES = 8 << 10;

    private static final int MIN_WINDOW_BYTES = 65_535;

    /// Seconds between the pings that a client may send, at least.
    static final long MIN_PING_SECONDS = 10;
    /// Streams that a connection may open and reset in [#RESET_WINDOW_SECONDS].
    static final int MAX_RESETS = 200;

    static final int RESET_WINDOW_SECONDS = 10;
    static final long HANDSHAKE_SECONDS = 10;
    static final long MAX_IDLE_MINUTES = 15;
    /// For the calls of a connection that is too old.
    static final long AGE_GRACE_MINUTES = 5;

    public ListenLimits {
        if (windowBytes < MIN_WINDOW_BYTES) {
            throw new InvalidException(
                    "a connection's window must have at least " + MIN_WINDOW_BYTES + " bytes, but had " + windowBytes);
        }
        requireAge(maxConnectionAge);
    }

    static void requireAge(Duration maxConnectionAge) {
        if (maxConnectionAge.isNegative()) {
            throw new InvalidException("max-connection-age must be at least 0, but was " + maxConnectionAge);
        }
    }
}
