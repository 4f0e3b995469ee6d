package dev.dyadic.decomposer.tokenize.stages;

import dev.dyadic.proto.InvalidException;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// Regular expressions as the Hugging Face library reads them (Oniguruma, its own syntax, UTF-8), in the JDK's
/// syntax. What means something else in the two, or is not known here, is refused.
final class Oniguruma {
    private static final int FLAGS =
            Pattern.UNICODE_CHARACTER_CLASS | Pattern.UNICODE_CASE | Pattern.UNIX_LINES | Pattern.MULTILINE;
    /// Oniguruma counts some numbers as part of words, and the joiners not.
    private static final String WORD = "[\\w\\u00B2\\u00B3\\u00B9\\u00BC-\\u00BE&&[^\\u200C\\u200D]]";
    private static final String NO_WORD = "[^\\w\\u00B2\\u00B3\\u00B9\\u00BC-\\u00BE]|[\\u200C\\u200D]";
    private static final Set<String> GROUPS = Set.of(":", "=", "!", ">", "<=", "<!", "i:", "-i:", "i)", "-i)");
    private static final Set<String> CATEGORIES = Set.of(
            "L", "Lu", "Ll", "Lt", "Lm", "Lo", "M", "Mn", "Mc", "Me", "N", "Nd", "Nl", "No", "P", "Pc", "Pd", "Ps",
            "Pe", "Pi", "Pf", "Po", "S", "Sm", "Sc", "Sk", "So", "Z", "Zs", "Zl", "Zp", "C", "Cc", "Cf", "Co", "Cn");
    private static final Pattern TWO_AS_ONE = Pattern.compile("(?i)ss|ff|fi|fl|st|[\\p{L}&&[^\\x00-\\x7f]]");
    private static final Pattern BYTE_BEYOND_ASCII = Pattern.compile("\\\\x[89a-fA-F][0-9a-fA-F]");
    private static final String SAME_ESCAPES = "dDsSntrfaeAzZbB";

    private final String from;
    private final StringBuilder to = new StringBuilder();
    private int at;
    private int classes;

    private Oniguruma(String from) {
        this.from = from;
    }

    static Pattern compile(String expression) {
        String translated = new Oniguruma(expression).translate();
        try {
            return Pattern.compile(translated, FLAGS);
        } catch (PatternSyntaxException e) {
            throw refused(expression, e.getDescription());
        }
    }

    private String translate() {
        while (at < from.length()) {
            char c = from.charAt(at);
            switch (c) {
                case '\\' -> escape();
                case '[' -> beginClass();
                case ']' -> {
                    classes = Math.max(0, classes - 1);
                    copy(1);
                }
                case '(' -> group();
                case '{' -> interval();
                default -> copy(1);
            }
        }
        return to.toString();
    }

    private void escape() {
        if (at + 1 == from.length()) {
            throw refused(from, "it ends with \\");
        }
        char c = from.charAt(at + 1);
        if (c == 'p' || c == 'P') {
            property();
        } else if (c == 'w') {
            to.append(WORD);
            at += 2;
        } else if (c == 'W' && classes == 0) {
            to.append("(?:").append(NO_WORD).append(')');
            at += 2;
        } else if (c == 'v') {
            to.append("\\x0B");
            at += 2;
        } else if (c == 'x'
                && BYTE_BEYOND_ASCII.matcher(from).region(at, from.length()).lookingAt()) {
            throw refused(from, "\\x of a byte beyond ASCII is no character");
        } else if (c == 'x' || c == 'u' || SAME_ESCAPES.indexOf(c) >= 0 || !Character.isLetterOrDigit(c)) {
            copy(2);
        } else {
            throw refused(from, "\\" + c + " is not known");
        }
    }

    private void property() {
        int end = from.indexOf('}', at);
        if (at + 2 >= from.length() || from.charAt(at + 2) != '{' || end < 0) {
            throw refused(from, "expected \\p{…}");
        }
        boolean negated = from.charAt(at + 1) == 'P';
        String name = from.substring(at + 3, end);
        if (name.startsWith("^")) {
            negated = !negated;
            name = name.substring(1);
        }
        to.append(negated ? "\\P{" : "\\p{").append(propertyName(name)).append('}');
        at = end + 1;
    }

    private String propertyName(String name) {
        if (CATEGORIES.contains(name)) {
            return name;
        }
        try {
            return "script=" + Character.UnicodeScript.forName(name).name();
        } catch (IllegalArgumentException e) {
            throw refused(from, "\\p{" + name + "} is not known");
        }
    }

    private void beginClass() {
        if (from.startsWith("[[:", at) || (classes > 0 && from.startsWith("[:", at))) {
            throw refused(from, "[:…:] is not known");
        }
        classes++;
        copy(1);
        if (at < from.length() && from.charAt(at) == '^') {
            copy(1);
        }
        if (at < from.length() && from.charAt(at) == ']') {
            // The first bracket in a class is one of its characters.
            to.append("\\]");
            at++;
        }
    }

    private void group() {
        if (classes == 0 && from.startsWith("(?", at)) {
            String rest = from.substring(at + 2);
            String kind = GROUPS.stream()
                    .filter(rest::startsWith)
                    .findFirst()
                    .orElseThrow(() ->
                            refused(from, "(?" + rest.substring(0, Math.min(2, rest.length())) + " is not known"));
            requireSame(kind);
            copy(2 + kind.length());
        } else {
            copy(1);
        }
    }

    /// Oniguruma takes all that follows `(?i)` in its group for one alternative of it, unless it opens the group. And
    /// it knows letters that stand for two where case does not count.
    private void requireSame(String kind) {
        if (kind.endsWith("i)")
                && !(to.isEmpty()
                        || to.charAt(to.length() - 1) == '('
                        || to.toString().endsWith("(?:"))) {
            throw refused(from, "(?" + kind + " is known only where a group begins");
        }
        if (kind.startsWith("i")
                && TWO_AS_ONE.matcher(from.substring(at, groupEnd())).find()) {
            throw refused(from, "ss, ff, fi, fl, st and letters beyond ASCII are not known where case does not count");
        }
    }

    /// The end of what the group that begins here counts for.
    private int groupEnd() {
        // (?i) counts for what follows it in the group around it.
        int end = from.startsWith("(?i)", at) ? -1 : 0;
        int depth = 0;
        for (int i = at; i < from.length(); i++) {
            switch (from.charAt(i)) {
                case '\\' -> i++;
                case '(' -> depth++;
                case ')' -> depth--;
                default -> {}
            }
            if (depth == end) {
                return i;
            }
        }
        return from.length();
    }

    private void interval() {
        int end = from.indexOf('}', at);
        String inner = end < 0 ? "" : from.substring(at + 1, end);
        if (classes > 0 || !inner.matches("\\d+|\\d+,\\d*|,\\d+")) {
            to.append("\\{");
            at++;
            return;
        }
        if (from.startsWith("+", end + 1)) {
            throw refused(from, "{" + inner + "}+ is not known");
        }
        to.append('{').append(inner.startsWith(",") ? "0" : "").append(inner).append('}');
        at = end + 1;
    }

    private void copy(int characters) {
        to.append(from, at, at + characters);
        at += characters;
    }

    private static InvalidException refused(String expression, String problem) {
        return new InvalidException("the regular expression " + expression + " cannot be used: " + problem);
    }
}
