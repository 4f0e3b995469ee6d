package dev.dyadic.sampler.runs;

import dev.dyadic.sampler.order.Plan;
import java.time.Instant;

/// What a run's next cycle is waiting for.
///
/// @param cycle that could not be planned; a shortage of another cycle says nothing
/// @param sinceMillis when it was first found short of data, on the clock of [Uptime]
/// @param missing what was found the last time
record Shortage(long cycle, long sinceMillis, Plan.NotEnough missing) {
    /// Before the first attempt.
    static final Shortage NONE = new Shortage(-1, 0, new Plan.NotEnough(0, 1, ""));

    long waitedMillis(long wantedCycle, long nowMillis) {
        return cycle == wantedCycle ? nowMillis - sinceMillis : 0;
    }

    /// After one more attempt that found too little.
    Shortage again(long wantedCycle, long nowMillis, Plan.NotEnough found) {
        return new Shortage(wantedCycle, cycle == wantedCycle ? sinceMillis : nowMillis, found);
    }

    /// For the message of a call that waited in vain for this cycle.
    ///
    /// @param wallMillis what the clock on the wall shows now
    String describe(long wantedCycle, long nowMillis, long wallMillis) {
        return cycle != wantedCycle
                ? "nobody has looked yet whether there is enough data; ask again"
                : missing.steps() + " of " + missing.needed() + " steps are there, for " + (nowMillis - sinceMillis)
                        + " ms, since " + Instant.ofEpochMilli(wallMillis - (nowMillis - sinceMillis)) + "; "
                        + missing.reason();
    }
}
