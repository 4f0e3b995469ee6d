package dev.dyadic.ingest.format;

/// How far an input was read.
///
/// @param entries that were read
/// @param offset where the next one begins, in bytes of what is unpacked; a format that cannot begin there takes the
///     number of entries instead
public record Position(long entries, long offset) {
    public static final Position BEGIN = new Position(0, 0);
}
