package dev.dyadic.ingest.format;

import dev.dyadic.ingest.document.Parsed;
import java.nio.ByteBuffer;

/// One entry of an input: a document, or what is none.
///
/// @param number from 1, of its kind
/// @param place where it stands, for people: "line 3, byte 170"
/// @param bytes of it, or the first of them, for those who look at what was refused; they change with the next entry
/// @param wholeBytes how many there are
public record Entry(Parsed parsed, long number, String place, ByteBuffer bytes, long wholeBytes) {}
