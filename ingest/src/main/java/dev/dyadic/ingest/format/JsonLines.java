package dev.dyadic.ingest.format;

import dev.dyadic.ingest.bytes.ByteSearch;
import java.io.IOException;

/// Cuts JSON into lines: what is damaged never reaches further than its line.
final class JsonLines implements JsonCutter {
    private final Window window;
    private int length;
    private int endBytes;
    private String problem = "";
    private long skipped;

    JsonLines(Window window) {
        this.window = window;
    }

    @Override
    public String unit() {
        return "line";
    }

    @Override
    public boolean next() throws IOException {
        problem = "";
        skipEmptyLines();
        int at = 0;
        while (true) {
            at = lineEnd(at);
            if (at < window.length() || at > MAX_BYTES || !window.more()) {
                endBytes = at < window.length() ? 1 : 0;
                length = at;
                if (at > MAX_BYTES) {
                    problem = "expected a line of at most " + MAX_BYTES + " bytes, but this one is longer";
                }
                return length + endBytes > 0;
            }
        }
    }

    @Override
    public long skipped() {
        return skipped;
    }

    @Override
    public int length() {
        return length;
    }

    @Override
    public String problem() {
        return problem;
    }

    @Override
    public String reason() {
        return "too-large";
    }

    @Override
    public void goOn() throws IOException {
        long passed = length;
        window.advance(length + endBytes);
        boolean isInLine = endBytes == 0;
        while (isInLine && (window.length() > 0 || window.more())) {
            int end = lineEnd(0);
            isInLine = end == window.length();
            passed += end;
            JsonCutter.giveUpPast(passed, window.offset());
            window.advance(isInLine ? end : end + 1);
        }
    }

    private void skipEmptyLines() throws IOException {
        skipped = 0;
        do {
            byte[] bytes = window.bytes();
            int begin = window.begin();
            int limit = begin + window.length();
            int at = begin;
            while (at < limit && bytes[at] == '\n') {
                at++;
            }
            skipped += at - begin;
            window.advance(at - begin);
            JsonCutter.giveUpPast(skipped, window.offset());
        } while (window.length() == 0 && window.more());
    }

    /// Where the line ends, or what was read does.
    private int lineEnd(int from) {
        int begin = window.begin();
        return ByteSearch.find(window.bytes(), begin + from, begin + window.length(), '\n') - begin;
    }
}
