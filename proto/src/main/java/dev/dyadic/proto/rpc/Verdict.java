package dev.dyadic.proto.rpc;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;

/// What is found of what a caller shows.
sealed interface Verdict {
    /// @param ends when what it shows is no longer valid; empty: it does not end by itself
    record Known(Caller caller, Optional<Instant> ends) implements Verdict {
        static Known forGood(Caller caller) {
            return new Known(caller, Optional.empty());
        }
    }

    /// For the log and the metrics; a caller is never told.
    record Refused(Reason reason) implements Verdict {}

    enum Reason {
        /// Nothing is shown.
        NO_CREDENTIAL,
        /// Something else than a bearer token.
        SCHEME,
        UNKNOWN_TOKEN,
        UNKNOWN_CERTIFICATE,
        MALFORMED,
        TYPE,
        ALGORITHM,
        KEY,
        SIGNATURE,
        EXPIRED,
        NOT_YET_VALID,
        ISSUER,
        AUDIENCE,
        /// A claim that is asked for is missing or empty.
        CLAIMS,
        /// The key set cannot be had.
        KEYS_UNAVAILABLE;

        /// `unknown-token`
        String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
