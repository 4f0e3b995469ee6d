package dev.dyadic.deploy.commands.process;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.dyadic.deploy.ops.JsonLines;
import dev.dyadic.deploy.ops.SafeMessage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LoggingTest {
    private final Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);

    /// What gRPC logs, it logs with java.util.logging.
    @Test
    void whatTheJdkLogsGoesTheSameWayAndIsSafe() {
        Logging.configure(false, false);

        ILoggingEvent event =
                logged(() -> java.util.logging.Logger.getLogger("io.grpc.test").severe("a\u001b[2J\nline {} \u202e"));

        assertThat(event.getLoggerName()).isEqualTo("io.grpc.test");
        assertThat(new SafeMessage().convert(event)).isEqualTo("a\\u001b[2J\\nline {} \\u202e");
        assertThat(new String(encoder().encode(event), StandardCharsets.UTF_8))
                .contains("\"message\":\"a\\u001B[2J\\nline {} \\u202e\"")
                .endsWith("}\n");
    }

    private JsonLines encoder() {
        JsonLines lines = new JsonLines();
        lines.setContext(root.getLoggerContext());
        lines.start();
        return lines;
    }

    private ILoggingEvent logged(Runnable what) {
        LoggerContext context = root.getLoggerContext();
        List<ILoggingEvent> events = new ArrayList<>();
        AppenderBase<ILoggingEvent> appender = new AppenderBase<>() {
            @Override
            protected void append(ILoggingEvent event) {
                events.add(event);
            }
        };
        appender.setContext(context);
        appender.start();
        root.addAppender(appender);
        try {
            what.run();
        } finally {
            root.detachAppender(appender);
        }
        return events.getFirst();
    }
}
