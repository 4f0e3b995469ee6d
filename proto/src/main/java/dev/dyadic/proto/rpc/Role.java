package dev.dyadic.proto.rpc;

import dev.dyadic.proto.InvalidException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What a caller may do. Roles do not contain one another: who trains has `read` and `train`.
public enum Role {
    /// Fetch what is planned, explain, trace, describe.
    READ,
    /// Commit, and cause the planning of cycles.
    TRAIN,
    /// Publish documents.
    PUBLISH,
    /// Open, amend, fork and close runs.
    ADMIN;

    private static final Pattern SEPARATORS = Pattern.compile("[,\\s]+");

    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<Role> of(String text) {
        return Arrays.stream(values()).filter(role -> role.text().equals(text)).findFirst();
    }

    /// @param texts separated by commas or blanks
    static Set<Role> parse(String texts) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        for (String text : words(texts)) {
            roles.add(of(text).orElseThrow(() -> new InvalidException("a role must be one of " + known() + ", but was "
                    + (text.isEmpty() ? "empty" : "'" + text + "'"))));
        }
        return roles;
    }

    static List<String> words(String texts) {
        return SEPARATORS.splitAsStream(texts.strip()).toList();
    }

    private static String known() {
        return Arrays.stream(values()).map(Role::text).collect(Collectors.joining(", "));
    }
}
