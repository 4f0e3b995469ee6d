package dev.dyadic.ingest.document;

import dev.dyadic.proto.InvalidException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Names of the fields that make a document. A name with dots is a path into objects, unless a field has this name.
///
/// @param time the first of these that an entry has
/// @param named those that the user named: a value that is of no use there is refused; elsewhere it is left out, and
///     counted, since nobody asked for it
public record Fields(String id, String text, String source, List<String> time, String attributes, Set<Role> named) {
    public static final Fields DEFAULT = new Fields(
            "id",
            "text",
            "source",
            List.of("time", "event_time", "eventTime", "timestamp"),
            "attributes",
            Set.of(Role.TEXT));

    /// What a field is to a document.
    public enum Role {
        ID,
        TEXT,
        SOURCE,
        TIME,
        ATTRIBUTES
    }

    /// A field, and what it is.
    public record Target(Role role, String name, List<String> path) {
        public Target {
            path = List.copyOf(path);
        }
    }

    public Fields {
        time = List.copyOf(time);
        named = Set.copyOf(named);
        List<String> all = new ArrayList<>(List.of(id, text, source, attributes));
        all.addAll(time);
        for (int i = 0; i < all.size(); i++) {
            for (int j = 0; j < all.size(); j++) {
                if (i != j && (all.get(i).equals(all.get(j)) || all.get(i).startsWith(all.get(j) + "."))) {
                    throw new InvalidException(
                            "the fields for id, text, source, time and attributes must differ, and none can lie in"
                                    + " another, but they were " + String.join(", ", all));
                }
            }
        }
    }

    /// Whether a value of no use in this field costs the document.
    boolean mustBeRight(Role role) {
        return named.contains(role);
    }

    /// Every field that is asked for; of those of time, the first counts.
    public List<Target> targets() {
        List<Target> targets = new ArrayList<>(List.of(
                target(Role.TEXT, text),
                target(Role.ID, id),
                target(Role.SOURCE, source),
                target(Role.ATTRIBUTES, attributes)));
        time.forEach(name -> targets.add(target(Role.TIME, name)));
        return targets;
    }

    private static Target target(Role role, String name) {
        return new Target(role, name, List.of(name.split("\\.", -1)));
    }
}
