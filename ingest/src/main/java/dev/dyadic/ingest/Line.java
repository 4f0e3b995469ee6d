package dev.dyadic.ingest;

/// One line of an input.
///
/// @param number from 1
/// @param content without the line end; of an overlong line, its start
/// @param wholeBytes size of the whole line, line end included
record Line(long number, Content content, long wholeBytes, boolean overlong) {

    /// Bytes that nobody changes.
    static final class Content {
        private final byte[] bytes;

        Content(byte[] bytes) {
            this.bytes = bytes;
        }

        /// The array itself: callers only read it.
        byte[] bytes() {
            return bytes;
        }
    }
}
