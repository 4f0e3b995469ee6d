package dev.dyadic.ingest.format;

import dev.dyadic.ingest.document.JsonDocuments;
import java.io.IOException;

/// Cuts the bytes of an input into pieces that may be one JSON object each.
interface JsonCutter {
    int MAX_BYTES = JsonDocuments.MAX_BYTES;

    /// So many bytes without anything of use end the reading: nobody waits for the end of a terabyte of zeros.
    long GIVE_UP_BYTES = 1L << 30;

    /// What its pieces are called.
    String unit();

    /// Finds the next piece, at the beginning of the window.
    ///
    /// @return whether there is one
    boolean next() throws IOException;

    /// Pieces before this one that were empty.
    default long skipped() {
        return 0;
    }

    /// The bytes of the piece.
    int length();

    /// Why the piece is no whole value, whatever is in it; empty otherwise.
    String problem();

    /// The reason, where there is a problem.
    String reason();

    /// Told where the piece turns out to be no JSON.
    default void noJson() {
        // Most end where they end.
    }

    /// Goes behind the piece, and behind what has no use because of it.
    ///
    /// @throws IOException where nobody knows where the next one begins
    void goOn() throws IOException;

    /// @param passed bytes that were of no use
    /// @param offset of the last of them
    static void giveUpPast(long passed, long offset) throws IOException {
        if (passed > GIVE_UP_BYTES) {
            throw new IOException("the last " + (passed >> 20) + " MiB before byte " + offset
                    + " hold no document, so the rest is not read: is it JSON?");
        }
    }
}
