package dev.dyadic.deploy.commands.process;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import dev.dyadic.deploy.ops.JsonLines;
import org.slf4j.LoggerFactory;

/// How much is logged.
public final class Logging {
    private Logging() {}

    /// @param json one JSON object a line, instead of text
    public static void configure(boolean verbose, boolean json) {
        if (json) {
            writeJson();
        }
        level(org.slf4j.Logger.ROOT_LOGGER_NAME, verbose ? Level.WARN : Level.ERROR);
        level("dev.dyadic", verbose ? Level.INFO : Level.WARN);
    }

    /// Lost connections to Kafka are worth a line in programs that run for long.
    public static void showConnections() {
        level("org.apache.kafka.clients.NetworkClient", Level.WARN);
    }

    private static void writeJson() {
        if (LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME) instanceof Logger root
                && root.getAppender("STDERR") instanceof ConsoleAppender<ILoggingEvent> console) {
            JsonLines encoder = new JsonLines();
            encoder.setContext(root.getLoggerContext());
            encoder.start();
            console.setEncoder(encoder);
        }
    }

    private static void level(String name, Level level) {
        if (LoggerFactory.getLogger(name) instanceof Logger logger) {
            logger.setLevel(level);
        }
    }
}
