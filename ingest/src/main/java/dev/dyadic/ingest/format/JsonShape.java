package dev.dyadic.ingest.format;

import java.io.IOException;

/// How the values of a JSON input are parted, told by its beginning.
///
/// @param indent see [JsonValues]
record JsonShape(boolean isLines, boolean isArray, int indent) {
    private static final int LOOK_BYTES = 64 << 10;
    private static final JsonShape LINES = new JsonShape(true, false, 0);
    private static final byte RECORD_SEPARATOR = 0x1E;

    JsonCutter cutter(Window window) {
        return isLines ? new JsonLines(window) : new JsonValues(window, isArray, indent);
    }

    /// Looks at the first bytes, which stay in the window.
    static JsonShape of(Window window) throws IOException {
        int at = 0;
        while (true) {
            at = notBlank(window, at);
            if (at < window.length() || at > LOOK_BYTES || !window.lookFurther()) {
                break;
            }
        }
        if (at >= window.length()) {
            return LINES;
        }
        while (window.length() < at + LOOK_BYTES && window.lookFurther()) {
            // The look goes so far.
        }
        byte first = window.bytes()[window.begin() + at];
        if (first == '[') {
            return new JsonShape(false, true, indentBefore(window, notBlank(window, at + 1)));
        }
        if (first == RECORD_SEPARATOR) {
            return new JsonShape(false, false, 0);
        }
        return first == '{' ? ofObject(window, at) : LINES;
    }

    /// Objects that are parted by something else than a line end, or have line ends within.
    private static JsonShape ofObject(Window window, int from) {
        byte[] bytes = window.bytes();
        int begin = window.begin();
        int depth = 0;
        boolean isInString = false;
        for (int at = from; at < window.length(); at++) {
            byte next = bytes[begin + at];
            if (next == '\n') {
                int behind = notBlank(window, at);
                byte follows = behind < window.length() ? bytes[begin + behind] : 0;
                boolean goesOn = !isInString && (follows == '"' || follows == '}');
                return goesOn ? new JsonShape(false, false, indentBefore(window, from)) : LINES;
            }
            if (isInString) {
                isInString = next != '"';
                at += next == '\\' ? 1 : 0;
                continue;
            }
            isInString = next == '"';
            depth += next == '{' || next == '[' ? 1 : next == '}' || next == ']' ? -1 : 0;
            if (depth == 0) {
                int behind = at + 1;
                while (behind < window.length()
                        && (bytes[begin + behind] == ' '
                                || bytes[begin + behind] == '\t'
                                || bytes[begin + behind] == ',')) {
                    behind++;
                }
                boolean anotherFollows = behind < window.length() && bytes[begin + behind] == '{';
                return anotherFollows ? new JsonShape(false, false, -1) : LINES;
            }
        }
        return LINES;
    }

    /// White space between the beginning of the line and this place; -1 where something else stands there.
    private static int indentBefore(Window window, int at) {
        byte[] bytes = window.bytes();
        int begin = window.begin();
        int indent = 0;
        while (indent < at) {
            byte before = bytes[begin + at - 1 - indent];
            if (before == '\n') {
                return indent;
            }
            if (before != ' ' && before != '\t') {
                return -1;
            }
            indent++;
        }
        return indent;
    }

    private static int notBlank(Window window, int from) {
        byte[] bytes = window.bytes();
        int begin = window.begin();
        int at = from;
        while (at < window.length() && " \t\r\n".indexOf(bytes[begin + at]) >= 0) {
            at++;
        }
        return at;
    }
}
