package dev.dyadic.proto;

import java.util.Arrays;
import java.util.stream.Collectors;

/// A value with a name that users type and records hold.
public interface Named {
    String text();

    static <T extends Named> T of(T[] values, String key, String text) {
        for (T value : values) {
            if (value.text().equals(text)) {
                return value;
            }
        }
        throw new InvalidException(key + " must be one of "
                + Arrays.stream(values).map(Named::text).collect(Collectors.joining(", ")) + ", but was " + text);
    }
}
