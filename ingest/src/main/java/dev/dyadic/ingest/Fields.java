package dev.dyadic.ingest;

import dev.dyadic.proto.InvalidException;
import java.util.List;
import java.util.Set;

/// Names of the JSON fields that make a document.
///
/// @param time the first of these that stands in the line
/// @param timeIsNamed whether the user named them: a value that is no time is refused then, and counted otherwise
public record Fields(String id, String text, String source, List<String> time, boolean timeIsNamed, String attributes) {
    public static final Fields DEFAULT = new Fields(
            "id", "text", "source", List.of("time", "event_time", "eventTime", "timestamp"), false, "attributes");

    public Fields {
        time = List.copyOf(time);
        if (Set.of(id, text, source, attributes).size() < 4) {
            throw new InvalidException("the fields for id, text, source and attributes must differ, but were " + id
                    + ", " + text + ", " + source + ", " + attributes);
        }
    }

    /// Whether a field of this name is asked for.
    boolean has(String name) {
        return name.equals(text)
                || name.equals(id)
                || name.equals(source)
                || name.equals(attributes)
                || time.contains(name);
    }
}
