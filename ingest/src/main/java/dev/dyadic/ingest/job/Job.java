package dev.dyadic.ingest.job;

import dev.dyadic.proto.InvalidException;
import java.util.regex.Pattern;

/// A reading of inputs that can be gone on with.
///
/// @param name by which another start finds what this one has read
/// @param settings digest of how inputs are read
public record Job(String name, String settings) {
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9._-]{0,99}");

    public Job {
        if (!NAME.matcher(name).matches()) {
            throw new InvalidException(
                    "a job's name must be 1 to 100 letters, digits, '.', '-' or '_', and begin with none of '.' and '-', but was '"
                            + name + "'");
        }
    }
}
