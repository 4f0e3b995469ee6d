package dev.dyadic.decomposer.tokenize.stages;

import dev.dyadic.decomposer.tokenize.text.Kinds;
import dev.dyadic.decomposer.tokenize.text.Words;
import java.text.Normalizer.Form;
import java.util.Map;
import java.util.Set;

/// The normalizers and pre-tokenizers of the Hugging Face library that byte-pair tokenizers use, under its names.
public final class Stages {
    private static final String CL100K_BEFORE_DIGITS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|";
    private static final String CL100K_BEHIND_DIGITS = "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final int LEAST_CHINESE = 0x4E00;
    private static final int MOST_CHINESE = 0x9FA5;
    private static final int LEAST_KANA = 0x3040;
    private static final int MOST_KANA = 0x30FF;

    /// The patterns that are scanned, with the behaviour `Isolated`.
    private static final Map<String, Splitter> SCANNERS = Map.of(
            Gpt2Scanner.PATTERN,
            new Gpt2Scanner(),
            CL100K_BEFORE_DIGITS + "\\p{N}{1,3}" + CL100K_BEHIND_DIGITS,
            new Cl100kScanner(3),
            CL100K_BEFORE_DIGITS + "\\p{N}{1,2}" + CL100K_BEHIND_DIGITS,
            new Cl100kScanner(2),
            CL100K_BEFORE_DIGITS + "\\p{N}" + CL100K_BEHIND_DIGITS,
            new Cl100kScanner(1),
            O200kScanner.PATTERN,
            new O200kScanner(),
            "\\p{N}{1,3}",
            isolated(new Characters(c -> Kinds.of(c) == Kinds.NUMBER, 3)),
            "[一-龥\u3040-ゟ゠-ヿ]+",
            isolated(new Characters(Stages::isChineseOrKana, Integer.MAX_VALUE)),
            DeepseekScanner.PATTERN,
            new DeepseekScanner());

    private Stages() {}

    /// The patterns that are scanned with the behaviour `Isolated`.
    static Set<String> scannedPatterns() {
        return SCANNERS.keySet();
    }

    public static Splitter gpt2() {
        return new Gpt2Scanner();
    }

    /// @param mostDigits that one piece has
    public static Splitter cl100k(int mostDigits) {
        return new Cl100kScanner(mostDigits);
    }

    public static Splitter o200k() {
        return new O200kScanner();
    }

    /// `Split` by a regular expression.
    public static Splitter splitByRegex(String pattern, Behavior behavior, boolean inverted) {
        Splitter scanner = SCANNERS.get(pattern);
        return scanner != null && behavior == Behavior.ISOLATED && !inverted
                ? scanner
                : new MatchSplitter(new Regex(pattern), behavior, inverted);
    }

    /// `Split` by a string, which is not empty.
    public static Splitter splitByString(String string, Behavior behavior, boolean inverted) {
        return new MatchSplitter(new Literal(string), behavior, inverted);
    }

    /// `ByteLevel`, as far as it changes where a text is cut.
    ///
    /// @param spells whether the bytes are written as letters, for pre-tokenizers that come after it
    public static Splitter byteLevel(boolean addsSpace, boolean cuts, boolean spells) {
        Splitter splitter = addsSpace ? ByteLevel.spacePrefix() : Splitter.WHOLE;
        splitter = !cuts ? splitter : addsSpace ? splitter.then(gpt2()) : gpt2();
        return spells ? splitter.then(ByteLevel.spelling()) : splitter;
    }

    /// `Digits`.
    public static Splitter digits(boolean individual) {
        Matches matches = new Characters(Words::isNumeric, 1);
        return new MatchSplitter(matches, individual ? Behavior.ISOLATED : Behavior.CONTIGUOUS, false);
    }

    /// `Punctuation`.
    public static Splitter punctuation(Behavior behavior) {
        return new MatchSplitter(new Characters(Words::isPunctuation, 1), behavior, false);
    }

    /// `Whitespace`.
    public static Splitter whitespace() {
        return new MatchSplitter(new WordRuns(), Behavior.REMOVED, true);
    }

    /// `WhitespaceSplit`.
    public static Splitter whitespaceSplit() {
        return new MatchSplitter(new Characters(c -> (Kinds.of(c) & Kinds.WHITE) != 0, 1), Behavior.REMOVED, false);
    }

    /// `Metaspace`.
    ///
    /// @param always prepends to every text
    /// @param first prepends to the text that the document begins with
    public static Splitter metaspace(String replacement, boolean always, boolean first, boolean cuts) {
        return new Metaspace(replacement, always, first, cuts);
    }

    /// `NFC`, `NFD`, `NFKC`, `NFKD`.
    public static Normalizer unicode(Form form) {
        return new UnicodeForm(form);
    }

    /// `Lowercase`.
    public static Normalizer lowercase() {
        return new Lowercase();
    }

    /// `Strip`.
    public static Normalizer strip(boolean left, boolean right) {
        return new Strip(left, right);
    }

    /// `Prepend`.
    public static Normalizer prepend(String string) {
        return new Prepend(string, false);
    }

    /// `Replace` of a string, which is not empty.
    public static Normalizer replaceString(String string, String content) {
        return new Replace(new Literal(string), content);
    }

    /// `Replace` of what a regular expression matches.
    public static Normalizer replaceRegex(String pattern, String content) {
        return new Replace(new Regex(pattern), content);
    }

    private static Splitter isolated(Matches matches) {
        return new MatchSplitter(matches, Behavior.ISOLATED, false);
    }

    private static boolean isChineseOrKana(int c) {
        return (c >= LEAST_CHINESE && c <= MOST_CHINESE) || (c >= LEAST_KANA && c <= MOST_KANA);
    }
}
