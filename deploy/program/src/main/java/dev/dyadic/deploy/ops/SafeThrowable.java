package dev.dyadic.deploy.ops;

import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.dyadic.proto.Printable;

/// A log event's trace, made safe for a terminal. All its lines are set in, so that none passes for an event.
public final class SafeThrowable extends ThrowableProxyConverter {
    @Override
    public String convert(ILoggingEvent event) {
        String trace = super.convert(event);
        return trace.isEmpty()
                ? trace
                : "  " + Printable.lines(trace.stripTrailing()).replace("\n", "\n  ") + "\n";
    }
}
