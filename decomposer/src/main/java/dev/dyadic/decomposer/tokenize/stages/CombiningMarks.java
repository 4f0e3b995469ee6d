package dev.dyadic.decomposer.tokenize.stages;

import dev.dyadic.decomposer.tokenize.text.Kinds;
import java.text.Normalizer;
import java.text.Normalizer.Form;
import java.util.HashMap;
import java.util.Map;

/// Puts long runs of combining marks into canonical order (Unicode 16, D109), in time n log n; the JDK's normalizer,
/// which moves each mark by itself, needs the square of it where classes alternate.
final class CombiningMarks {
    /// One mark of each class other than 0, by class.
    private static final int[] BY_CLASS = {
        0x0334, 0x093C, 0x3099, 0x094D, 0x05B0, 0x05B1, 0x05B2, 0x05B3, 0x05B4, 0x05B5, 0x05B6, 0x05B7, 0x05B8, 0x05B9,
        0x05BB, 0x05BC, 0x05BD, 0x05BF, 0x05C1, 0x05C2, 0xFB1E, 0x064B, 0x064C, 0x064D, 0x0618, 0x0619, 0x061A, 0x0651,
        0x0652, 0x0670, 0x0711, 0x0C55, 0x0C56, 0x0E38, 0x0E48, 0x0EB8, 0x0EC8, 0x0F71, 0x0F72, 0x0F74, 0x0321, 0x1DCE,
        0x031B, 0x302A, 0x0316, 0x059A, 0x302E, 0x1D16D, 0x05AE, 0x0300, 0x0315, 0x035C, 0x035D, 0x0345
    };

    private CombiningMarks() {}

    static String sortLongRuns(String text, Form form, int longRun) {
        if (text.length() <= longRun) {
            return text;
        }
        Form decomposing = form == Form.NFC || form == Form.NFD ? Form.NFD : Form.NFKD;
        Map<Integer, Integer> classes = new HashMap<>();
        StringBuilder sorted = null;
        int copied = 0;
        int at = 0;
        while (at < text.length()) {
            int end = endOfMarks(text, at);
            if (end - at > longRun) {
                if (sorted == null) {
                    sorted = new StringBuilder(text.length() + 16);
                }
                sorted.append(text, copied, at);
                sort(text.substring(at, end), decomposing, classes, sorted);
                copied = end;
            }
            at = end == at ? at + Character.charCount(text.codePointAt(at)) : end;
        }
        return sorted == null
                ? text
                : sorted.append(text, copied, text.length()).toString();
    }

    private static int endOfMarks(String text, int from) {
        int at = from;
        while (at < text.length() && isMark(text.codePointAt(at))) {
            at += Character.charCount(text.codePointAt(at));
        }
        return at;
    }

    /// Marks, and the letters that a compatible form turns into marks: the half-width voiced sound marks of kana.
    static boolean isMark(int c) {
        return Kinds.of(c) == Kinds.MARK || c == 0xFF9E || c == 0xFF9F;
    }

    /// Marks of class 0 stay where they are, and part the others.
    private static void sort(String marks, Form decomposing, Map<Integer, Integer> classes, StringBuilder to) {
        Map<Integer, String> decompositions = new HashMap<>();
        int[] parts = marks.codePoints()
                .flatMap(mark -> decompositions
                        .computeIfAbsent(mark, c -> Normalizer.normalize(Character.toString(c), decomposing))
                        .codePoints())
                .toArray();
        int from = 0;
        while (from < parts.length) {
            int end = from;
            while (end < parts.length && classOf(parts[end], classes) > 0) {
                end++;
            }
            sort(parts, from, end, classes, to);
            if (end < parts.length) {
                to.appendCodePoint(parts[end]);
            }
            from = end + 1;
        }
    }

    /// Counts the marks of each class, and then puts each at its place.
    private static void sort(int[] parts, int from, int end, Map<Integer, Integer> classes, StringBuilder to) {
        int[] places = new int[BY_CLASS.length + 2];
        for (int i = from; i < end; i++) {
            places[classOf(parts[i], classes) + 1]++;
        }
        for (int i = 1; i < places.length; i++) {
            places[i] += places[i - 1];
        }
        int[] sorted = new int[end - from];
        for (int i = from; i < end; i++) {
            sorted[places[classOf(parts[i], classes)]++] = parts[i];
        }
        for (int part : sorted) {
            to.appendCodePoint(part);
        }
    }

    /// A number that grows with the combining class; 0 for class 0.
    private static int classOf(int mark, Map<Integer, Integer> classes) {
        return classes.computeIfAbsent(mark, CombiningMarks::find);
    }

    private static int find(int mark) {
        int last = BY_CLASS.length - 1;
        if (!swaps(mark, BY_CLASS[0]) && !swaps(BY_CLASS[last], mark)) {
            return 0;
        }
        int below = 0;
        int above = BY_CLASS.length;
        while (below < above) {
            int middle = (below + above) >>> 1;
            if (swaps(mark, BY_CLASS[middle])) {
                below = middle + 1;
            } else {
                above = middle;
            }
        }
        return below + 1;
    }

    /// Whether the second mark belongs before the first one: its class is lower, and not 0. The JDK tells classes by
    /// the order that it brings two marks into, and by nothing else.
    private static boolean swaps(int first, int second) {
        return !Normalizer.isNormalized(Character.toString(first) + Character.toString(second), Form.NFD);
    }
}
