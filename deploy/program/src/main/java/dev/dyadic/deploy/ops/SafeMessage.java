package dev.dyadic.deploy.ops;

import ch.qos.logback.classic.pattern.MessageConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import dev.dyadic.proto.Printable;

/// A log event's message on one line, made safe for a terminal.
public final class SafeMessage extends MessageConverter {
    @Override
    public String convert(ILoggingEvent event) {
        return Printable.line(super.convert(event));
    }
}
