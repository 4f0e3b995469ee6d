package dev.dyadic.deploy.commands.process;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.util.FileSize;
import dev.dyadic.deploy.ops.JsonLines;
import dev.dyadic.proto.InvalidException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/// How much is logged.
public final class Logging {
    /// Of what a command tells its user while it works, where that goes to the log.
    public static final String TOLD = "dyadic";
    /// Of who changed, or tried, what: see `AuditLog`.
    private static final String AUDIT = "dyadic.audit";

    private static final String MAX_AUDIT_FILE = "64MB";
    private static final int MAX_AUDIT_FILES = 10;

    private static final List<String> OF_BROKER = List.of(
            "kafka.log.LogManager",
            "org.apache.kafka.storage.internals.log.LogDirFailureChannel",
            "org.apache.kafka.storage.internals.log.LogManager");

    private Logging() {}

    /// @param json one JSON object a line, instead of text
    public static void configure(boolean verbose, boolean json) {
        if (json) {
            writeJson();
        }
        // What gRPC and the JDK log, they log with java.util.logging.
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        level(TOLD, Level.INFO);
        level(AUDIT, Level.OFF);
        level(org.slf4j.Logger.ROOT_LOGGER_NAME, verbose ? Level.WARN : Level.ERROR);
        level("dev.dyadic", verbose ? Level.INFO : Level.WARN);
        // What they say with traces, the services say in a line: a full disk, and what follows from it.
        OF_BROKER.forEach(name -> level(name, verbose ? Level.WARN : Level.OFF));
    }

    /// Whether the lines of the log are JSON.
    public static boolean isJson() {
        return LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME) instanceof Logger root
                && root.getAppender("STDERR") instanceof ConsoleAppender<ILoggingEvent> console
                && console.getEncoder() instanceof JsonLines;
    }

    /// Writes the audit log.
    ///
    /// @param file of its own, as JSON, kept in ten parts of 64 MB; empty: with the other logs
    public static void audit(Optional<Path> file) {
        level(AUDIT, Level.INFO);
        if (file.isPresent() && LoggerFactory.getLogger(AUDIT) instanceof Logger logger) {
            logger.setAdditive(false);
            logger.addAppender(rolling(logger.getLoggerContext(), file.get()));
        }
    }

    private static RollingFileAppender<ILoggingEvent> rolling(LoggerContext context, Path file) {
        RollingFileAppender<ILoggingEvent> appender = new RollingFileAppender<>();
        appender.setContext(context);
        appender.setFile(file.toString());
        appender.setEncoder(json(context));
        FixedWindowRollingPolicy parts = new FixedWindowRollingPolicy();
        parts.setContext(context);
        parts.setParent(appender);
        parts.setFileNamePattern(file + ".%i");
        parts.setMaxIndex(MAX_AUDIT_FILES - 1);
        parts.start();
        SizeBasedTriggeringPolicy<ILoggingEvent> size = new SizeBasedTriggeringPolicy<>();
        size.setContext(context);
        size.setMaxFileSize(FileSize.valueOf(MAX_AUDIT_FILE));
        size.start();
        appender.setRollingPolicy(parts);
        appender.setTriggeringPolicy(size);
        appender.start();
        if (!appender.isStarted()) {
            throw new InvalidException("--audit-log must be a file that can be written, but was " + file);
        }
        return appender;
    }

    /// Lost connections to Kafka are worth a line in programs that run for long.
    public static void showConnections() {
        level("org.apache.kafka.clients.NetworkClient", Level.WARN);
    }

    private static void writeJson() {
        if (LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME) instanceof Logger root
                && root.getAppender("STDERR") instanceof ConsoleAppender<ILoggingEvent> console) {
            console.setEncoder(json(root.getLoggerContext()));
        }
    }

    private static JsonLines json(LoggerContext context) {
        JsonLines encoder = new JsonLines();
        encoder.setContext(context);
        encoder.start();
        return encoder;
    }

    private static void level(String name, Level level) {
        if (LoggerFactory.getLogger(name) instanceof Logger logger) {
            logger.setLevel(level);
        }
    }
}
