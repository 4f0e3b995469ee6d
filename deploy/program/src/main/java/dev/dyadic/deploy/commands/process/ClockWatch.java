package dev.dyadic.deploy.commands.process;

import java.time.Duration;
import java.util.Optional;

/// Notices that the clock on the wall was set back. Kafka's clients keep their back-offs and heartbeats by that clock:
/// after a step back of an hour they do not connect again, commit or beat for an hour. A program that has such clients
/// ends then, to be started again with new ones; nothing is lost by that. A step forward needs nothing: what waits by
/// that clock is over a little early.
final class ClockWatch {
    /// What a clock may be corrected by without a word.
    static final Duration TOLERANCE = Duration.ofSeconds(2);

    private long wallMillis;
    private long uptimeMillis;

    /// @param uptimeMillis on the clock of [dev.dyadic.proto.Uptime]
    ClockWatch(long wallMillis, long uptimeMillis) {
        this.wallMillis = wallMillis;
        this.uptimeMillis = uptimeMillis;
    }

    /// @return what to tell, where the clock was set back since the last look
    Optional<String> look(long nowWallMillis, long nowUptimeMillis) {
        long backMillis = (nowUptimeMillis - uptimeMillis) - (nowWallMillis - wallMillis);
        wallMillis = nowWallMillis;
        uptimeMillis = nowUptimeMillis;
        return backMillis > TOLERANCE.toMillis()
                ? Optional.of("this machine's clock was set back by " + backMillis / 1000
                        + " s, and Kafka's clients would wait until it is that late again: start this program again")
                : Optional.empty();
    }
}
