package dev.dyadic.ingest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/// Cuts a stream into lines of bounded size. What is past the bound of an overlong line is read and dropped.
final class LineReader {
    private static final int BUFFER_BYTES = 256 << 10;

    private final InputStream input;
    private final int maxLineBytes;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private int position;
    private int limit;
    private long number;

    LineReader(InputStream input, int maxLineBytes) {
        this.input = input;
        this.maxLineBytes = maxLineBytes;
    }

    /// The next line, or null at the end.
    @Nullable
    Line next() throws IOException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        long whole = 0;
        while (true) {
            if (position == limit) {
                limit = Math.max(input.read(buffer), 0);
                position = 0;
                if (limit == 0) {
                    return whole == 0 ? null : line(content, whole, 0);
                }
            }
            int end = position;
            while (end < limit && buffer[end] != '\n') {
                end++;
            }
            int room = maxLineBytes - content.size();
            content.write(buffer, position, Math.min(end - position, room));
            whole += end - position;
            boolean complete = end < limit;
            position = complete ? end + 1 : end;
            if (complete) {
                return line(content, whole, 1);
            }
        }
    }

    /// @param length of the line without its end
    /// @param endBytes of the line end: the last line of an input may have none
    private Line line(ByteArrayOutputStream content, long length, int endBytes) {
        byte[] bytes = content.toByteArray();
        return new Line(++number, new Line.Content(bytes), length + endBytes, length > bytes.length);
    }
}
