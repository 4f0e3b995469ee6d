package dev.dyadic.deploy.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import org.slf4j.LoggerFactory;

/// How much is logged.
final class Logging {
    private Logging() {}

    static void configure(boolean verbose) {
        level(org.slf4j.Logger.ROOT_LOGGER_NAME, verbose ? Level.WARN : Level.ERROR);
        level("dev.dyadic", verbose ? Level.INFO : Level.WARN);
    }

    /// Lost connections to Kafka are worth a line in programs that run for long.
    static void showConnections() {
        level("org.apache.kafka.clients.NetworkClient", Level.WARN);
    }

    private static void level(String name, Level level) {
        if (LoggerFactory.getLogger(name) instanceof Logger logger) {
            logger.setLevel(level);
        }
    }
}
