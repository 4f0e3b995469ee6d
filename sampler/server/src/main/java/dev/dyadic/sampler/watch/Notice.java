package dev.dyadic.sampler.watch;

import dev.dyadic.proto.Uptime;

/// Something that a user should know.
///
/// @param sinceUptime when it was first seen, on the clock of [Uptime]
public record Notice(String text, long sinceUptime) {
    public long ageMillis() {
        return Uptime.millis() - sinceUptime;
    }

    /// When it was first seen, on the clock on the wall as it goes now.
    public long sinceMillis(long wallMillis) {
        return wallMillis - ageMillis();
    }
}
