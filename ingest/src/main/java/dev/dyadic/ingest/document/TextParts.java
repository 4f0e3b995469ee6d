package dev.dyadic.ingest.document;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Cuts a text into parts of about the same size, none of which is small: at the end of a paragraph where one lies near
/// enough, or else of a line, or between words, or between characters.
final class TextParts {
    /// Of the largest size: how far from an even cut a good place is looked for, to either side.
    private static final int SLACK_PART = 8;

    private TextParts() {}

    /// @param text UTF-8
    /// @param maxBytes of a part; at least 32
    /// @return slices of the text: one after the other, they are the text
    static List<ByteBuffer> of(ByteBuffer text, int maxBytes) {
        List<ByteBuffer> parts = new ArrayList<>();
        int slack = maxBytes / SLACK_PART;
        int begin = text.position();
        while (text.limit() - begin > maxBytes) {
            int left = text.limit() - begin;
            int count = Math.ceilDiv(left, maxBytes - slack);
            int even = begin + left / count;
            int end = cut(text, even - slack, even + slack);
            parts.add(text.slice(begin, end - begin));
            begin = end;
        }
        parts.add(text.slice(begin, text.limit() - begin));
        return parts;
    }

    /// The best place to cut in `(from, to]`, and of these the last one.
    private static int cut(ByteBuffer text, int from, int to) {
        int line = 0;
        int word = 0;
        int character = 0;
        // Whether all that was met since the line end behind is white space.
        boolean isBlank = false;
        int blankEnd = 0;
        for (int end = to; end > from; end--) {
            byte last = text.get(end - 1);
            if (last == '\n') {
                if (isBlank) {
                    return blankEnd;
                }
                isBlank = true;
                blankEnd = end;
                line = line == 0 ? end : line;
            } else if (last == ' ' || last == '\t' || last == '\r') {
                word = word == 0 ? end : word;
            } else {
                isBlank = false;
            }
            boolean isInCharacter = (text.get(end) & 0xC0) == 0x80;
            character = character == 0 && !isInCharacter ? end : character;
        }
        if (line > 0) {
            return line;
        }
        return word > 0 ? word : character;
    }
}
