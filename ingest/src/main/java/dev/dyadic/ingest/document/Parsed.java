package dev.dyadic.ingest.document;

import dev.dyadic.proto.avro.Document;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What an entry of an input turned out to be.
public sealed interface Parsed {
    /// The reason of what cannot be read at all: the input itself is damaged there.
    String DAMAGED = "damaged";

    /// The reason of a text that has more bytes than a document may have.
    String TOO_LONG = "too-long";

    /// @param unread fields that nobody named, and whose values were of no use
    record Accepted(Document document, int textBytes, List<String> unread) implements Parsed {
        public Accepted {
            unread = List.copyOf(unread);
        }
    }

    /// @param reason short code, counted and stored
    /// @param detail what was expected and what came
    record Refused(String reason, String detail, @Nullable String documentId) implements Parsed {}

    /// No document by its nature, such as a request in a WARC file; nothing where it is white space only.
    ///
    /// @param what it is, counted; empty: not worth a word
    record LeftOut(String what) implements Parsed {
        public static final LeftOut BLANK = new LeftOut("");
    }
}
