package dev.dyadic.sampler.order;

import dev.dyadic.proto.DyadicException;

/// Why a request on a run, or the record of one, does not count.
///
/// @param kind what a caller is told
/// @param reason for people: what was expected, what came, what to do
/// @param lostRace whether a correct replica can have written such a record: another one came first
public record Refusal(DyadicException.Kind kind, String reason, boolean lostRace) {
    static Refusal of(DyadicException.Kind kind, String reason) {
        return new Refusal(kind, reason, false);
    }

    static Refusal lostRace(String reason) {
        return new Refusal(DyadicException.Kind.MISMATCH, reason, true);
    }

    public DyadicException toException() {
        return new DyadicException(kind, reason);
    }

    /// What a record does that is refused so.
    Outcome outcome() {
        return lostRace ? new Outcome.Ignored(reason) : new Outcome.Invalid(reason);
    }
}
