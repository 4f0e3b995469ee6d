package dev.dyadic.ingest.format;

import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Objects;

/// What `make_files.py` has written.
final class TestFiles {
    private TestFiles() {}

    static Path path(String name) {
        URL found = Objects.requireNonNull(TestFiles.class.getResource("/files/" + name), name);
        try {
            return Path.of(found.toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException("a test file has no path", e);
        }
    }
}
