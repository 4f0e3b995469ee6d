package dev.dyadic.proto.rpc;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
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
    static List<String> words(String texts) {
        return SEPARATORS.splitAsStream(texts.strip()).toList();
    }

    static String known() {
        return Arrays.stream(values()).map(Role::text).collect(Collectors.joining(", "));
    }
}
