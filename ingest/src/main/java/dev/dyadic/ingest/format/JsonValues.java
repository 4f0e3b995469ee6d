package dev.dyadic.ingest.format;

import dev.dyadic.ingest.bytes.ByteSearch;
import java.io.EOFException;
import java.io.IOException;

/// Cuts JSON into the objects of an array, or those that stand one after the other, on as many lines as they like.
///
/// Behind an object that is damaged it goes on where a line begins as far in as the first one began, with a brace.
final class JsonValues implements JsonCutter {
    /// Also what RFC 7464 puts before a text.
    private static final String BETWEEN = " \t\r\n,[]\u001E";

    private static final String TOO_LONG = "it has more than " + MAX_BYTES + " bytes";

    private static final long RESCAN_FACTOR = 8;

    private final Window window;
    private final boolean isArray;
    private final int indent;
    private int length;
    private String problem = "";
    /// Where a line begins as an object of its own would, within the one that is being read; 0 where none does.
    private int suspect;

    private boolean isClosed;
    /// Bytes that were looked at twice, behind values without an end.
    private long rescanned;

    /// @param isArray whether it begins with a bracket, and has to end with one
    /// @param indent white space before an object on its line; -1: they do not begin on lines of their own
    JsonValues(Window window, boolean isArray, int indent) {
        this.window = window;
        this.isArray = isArray;
        this.indent = indent;
    }

    @Override
    public String unit() {
        return "value";
    }

    @Override
    public boolean next() throws IOException {
        if (!skipBetween()) {
            if (isArray && !isClosed) {
                throw new EOFException("the array has no end: the file is cut");
            }
            return false;
        }
        problem = "";
        suspect = 0;
        if (window.bytes()[window.begin()] == '{') {
            cutObject();
        } else {
            cutOther();
        }
        return true;
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
        return problem.endsWith(TOO_LONG) ? "too-large" : "not-json";
    }

    @Override
    public void noJson() {
        if (suspect > 0 && problem.isEmpty()) {
            // It may have swallowed what stands on lines of its own.
            rescanned += length - suspect;
            problem = "it is no JSON";
        }
    }

    @Override
    public void goOn() throws IOException {
        if (problem.isEmpty()) {
            window.advance(length);
        } else if (suspect > 0) {
            if (rescanned > GIVE_UP_BYTES + RESCAN_FACTOR * window.offset()) {
                throw new IOException("so many values before byte " + window.offset()
                        + " have no end that looking for the next one takes too long: is it JSON?");
            }
            window.advance(suspect);
        } else if (indent < 0 && (window.length() > length || window.more())) {
            throw new IOException("the value at byte " + window.offset()
                    + " is damaged, and nobody can tell where the next one begins: put each on a line of its own");
        } else {
            window.advance(length);
            skipToObject();
        }
    }

    /// Skips what stands between values.
    ///
    /// @return whether there is one
    private boolean skipBetween() throws IOException {
        long passed = 0;
        while (window.length() > 0 || window.more()) {
            byte[] bytes = window.bytes();
            int begin = window.begin();
            int limit = begin + window.length();
            int at = begin;
            while (at < limit && BETWEEN.indexOf(bytes[at]) >= 0) {
                isClosed = bytes[at] == ']' || (isClosed && bytes[at] != '[');
                at++;
            }
            passed += at - begin;
            JsonCutter.giveUpPast(passed, window.offset());
            window.advance(at - begin);
            if (at < limit) {
                return true;
            }
        }
        return false;
    }

    private void cutObject() throws IOException {
        int depth = 0;
        boolean isInString = false;
        int at = 0;
        while (true) {
            byte[] bytes = window.bytes();
            int begin = window.begin();
            int limit = window.length();
            while (at < limit) {
                int next = bytes[begin + at];
                if (isInString) {
                    if (next == '"') {
                        isInString = false;
                    } else if (next == '\\') {
                        if (at + 1 == limit) {
                            break;
                        }
                        at++;
                    } else if (next == '\n') {
                        fail(at, "a string of it does not end on its line");
                        return;
                    }
                } else {
                    switch (next) {
                        case '"' -> isInString = true;
                        case '{', '[' -> depth++;
                        case '}', ']' -> depth--;
                        case '\n' -> {
                            if (suspect == 0) {
                                lookBehindLine(at);
                            }
                        }
                        default -> {
                            // Nothing that tells where it ends.
                        }
                    }
                    if (depth == 0) {
                        length = at + 1;
                        if (length > MAX_BYTES) {
                            fail(length, TOO_LONG);
                        } else if (next != '}') {
                            fail(length, "it ends with a bracket of another kind");
                        }
                        return;
                    }
                }
                at++;
            }
            if (window.length() > MAX_BYTES) {
                fail(window.length(), TOO_LONG);
                return;
            }
            if (!window.more()) {
                fail(window.length(), "it has no end");
                return;
            }
        }
    }

    /// Notes whether an object begins on the line behind a line end, as far in as the first one did.
    private void lookBehindLine(int lineEnd) {
        int brace = lineEnd + 1 + indent;
        if (indent < 0 || brace >= window.length()) {
            return;
        }
        byte[] bytes = window.bytes();
        int begin = window.begin();
        boolean isSuspect = bytes[begin + brace] == '{';
        for (int i = lineEnd + 1; i < brace && isSuspect; i++) {
            isSuspect = bytes[begin + i] == ' ' || bytes[begin + i] == '\t';
        }
        if (isSuspect) {
            suspect = brace;
        }
    }

    /// A number, a string or what is no JSON.
    private void cutOther() throws IOException {
        int at = 0;
        boolean isString = window.bytes()[window.begin()] == '"';
        while (true) {
            byte[] bytes = window.bytes();
            int begin = window.begin();
            int limit = window.length();
            while (at < limit && !endsOther(bytes, begin + at, begin, isString)) {
                at++;
            }
            if (at < limit) {
                length = isString && bytes[begin + at] == '"' ? at + 1 : at;
                return;
            }
            if (at > MAX_BYTES) {
                fail(at, TOO_LONG);
                return;
            }
            if (!window.more()) {
                length = at;
                return;
            }
        }
    }

    private static boolean endsOther(byte[] bytes, int at, int begin, boolean isString) {
        byte next = bytes[at];
        if (isString) {
            return next == '\n' || (next == '"' && at > begin && bytes[at - 1] != '\\');
        }
        return next == '{' || BETWEEN.indexOf(next) >= 0;
    }

    private void fail(int at, String why) {
        rescanned += suspect > 0 ? at - suspect : 0;
        length = suspect > 0 ? suspect : at;
        problem = "expected one JSON object, but " + why;
    }

    private void skipToObject() throws IOException {
        long passed = 0;
        while (window.length() > 0 || window.more()) {
            int begin = window.begin();
            int at = ByteSearch.find(window.bytes(), begin, begin + window.length(), '\n') - begin;
            boolean hasLineEnd = at < window.length();
            while (hasLineEnd && window.length() < at + 2 + indent && window.more()) {
                // The beginning of the next line has to be there.
            }
            if (hasLineEnd) {
                suspect = 0;
                lookBehindLine(at);
                if (suspect > 0) {
                    window.advance(suspect);
                    return;
                }
            }
            passed += at;
            JsonCutter.giveUpPast(passed, window.offset());
            window.advance(hasLineEnd ? at + 1 : at);
        }
    }
}
