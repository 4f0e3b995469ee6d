package dev.dyadic.deploy.commands.print;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A JSON object whose keys keep their order, from start to start.
public final class Facts {
    private final Map<String, @Nullable Object> values = new LinkedHashMap<>();

    private Facts() {}

    public static Facts of(String key, @Nullable Object value) {
        return new Facts().and(key, value);
    }

    public Facts and(String key, @Nullable Object value) {
        values.put(key, value);
        return this;
    }

    @JsonValue
    Map<String, @Nullable Object> values() {
        return values;
    }
}
