package dev.dyadic.deploy.ops;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dyadic.proto.Printable;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Log events as JSON, one a line. What a message's pattern names as `key={}` becomes a key of the line.
public final class JsonLines extends EncoderBase<ILoggingEvent> {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern PLACE = Pattern.compile("(?:(\\w+)=)?\\{}");
    private static final byte[] NONE = {};

    @Override
    public byte[] encode(ILoggingEvent event) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("time", event.getInstant().toString());
        line.put("level", event.getLevel().toString());
        line.put("logger", event.getLoggerName());
        line.put("thread", event.getThreadName());
        line.put("message", event.getFormattedMessage());
        keys(event, line);
        IThrowableProxy thrown = event.getThrowableProxy();
        if (thrown != null) {
            line.put("exception", ThrowableProxyUtil.asString(thrown));
        }
        try {
            return (Printable.json(JSON.writeValueAsString(line)) + "\n").getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a log event that is no JSON", e);
        }
    }

    @Override
    public byte[] headerBytes() {
        return NONE;
    }

    @Override
    public byte[] footerBytes() {
        return NONE;
    }

    private static void keys(ILoggingEvent event, Map<String, Object> line) {
        Object[] arguments = event.getArgumentArray();
        if (arguments == null || event.getMessage() == null) {
            return;
        }
        Matcher places = PLACE.matcher(event.getMessage());
        for (int i = 0; i < arguments.length && places.find(); i++) {
            if (places.group(1) != null) {
                Object value = arguments[i];
                line.putIfAbsent(places.group(1), value instanceof Number ? value : String.valueOf(value));
            }
        }
    }
}
