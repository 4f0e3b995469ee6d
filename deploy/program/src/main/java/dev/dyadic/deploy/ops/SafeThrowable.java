package dev.dyadic.deploy.ops;

import ch.qos.logback.classic.pattern.ThrowableProxyConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.dyadic.proto.Printable;

/// A log event's trace, made safe for a terminal.
public final class SafeThrowable extends ThrowableProxyConverter {
    @Override
    public String convert(ILoggingEvent event) {
        return Printable.lines(super.convert(event));
    }
}
