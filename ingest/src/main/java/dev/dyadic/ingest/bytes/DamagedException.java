package dev.dyadic.ingest.bytes;

import java.io.IOException;

/// A part of an input cannot be unpacked. What comes after it may still be: see [Unpacked#recover].
public final class DamagedException extends IOException {
    DamagedException(String message, Throwable cause) {
        super(message, cause);
    }
}
