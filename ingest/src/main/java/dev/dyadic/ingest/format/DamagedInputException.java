package dev.dyadic.ingest.format;

import java.io.IOException;

/// A part of an input cannot be read. The reader goes on behind it, or is at its end.
public final class DamagedInputException extends IOException {
    private final String place;

    /// @param place where it stands, for people
    DamagedInputException(String place, String message) {
        super(message);
        this.place = place;
    }

    public String place() {
        return place;
    }
}
