package dev.dyadic.deploy.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The clock on the wall of one process, which can be stepped: by libfaketime (Debian package `faketime`), where it is
/// installed. The monotonic clock goes on evenly.
final class FakeClock {
    private static final List<Path> LIBRARIES = List.of(
            Path.of("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1"),
            Path.of("/usr/lib/aarch64-linux-gnu/faketime/libfaketimeMT.so.1"),
            Path.of("/usr/lib/faketime/libfaketimeMT.so.1"));

    private final Path file;

    FakeClock(Path directory, String name) {
        this.file = directory.resolve(name + ".clock");
        step(0);
    }

    /// Whether clocks can be stepped on this machine.
    static boolean isThere() {
        return library().isPresent();
    }

    private static Optional<Path> library() {
        return LIBRARIES.stream().filter(Files::exists).findFirst();
    }

    /// What a process needs so that this is its clock.
    Map<String, String> environment() {
        return library()
                .map(library -> Map.of(
                        "LD_PRELOAD",
                        library.toString(),
                        "FAKETIME_TIMESTAMP_FILE",
                        file.toString(),
                        "FAKETIME_CACHE_DURATION",
                        "1",
                        "FAKETIME_DONT_FAKE_MONOTONIC",
                        "1"))
                .orElse(Map.of());
    }

    /// Sets the clock so many seconds before or behind the true time; the process notices within a second.
    void step(long seconds) {
        try {
            Files.writeString(file, "%+d%n".formatted(seconds));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }
}
