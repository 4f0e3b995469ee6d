package dev.dyadic.decomposer.tokenize;

import dev.dyadic.decomposer.tokenize.bpe.Vocabulary;
import dev.dyadic.decomposer.tokenize.huggingface.AddedToken;
import dev.dyadic.decomposer.tokenize.huggingface.BytePairs;
import dev.dyadic.decomposer.tokenize.huggingface.TokenizerJson;
import dev.dyadic.decomposer.tokenize.stages.Splitter;
import dev.dyadic.decomposer.tokenize.stages.Stages;
import dev.dyadic.proto.Asset;
import dev.dyadic.proto.Digests;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.TokenizerIdentity;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/// The tokenizers that a corpus can have: those with a name, and those of a file.
public final class Tokenizers {
    public static final List<String> NAMES = List.of("bytes", "r50k_base", "cl100k_base", "o200k_base");

    private static final int MAX_CANDIDATES = 12;

    /// Covers letters, digits, white space, contractions, code, several scripts and emoji.
    private static final String FINGERPRINT_TEXT =
            "Dyadic: it's 2^13 = 8192 tokens,\n\tisn't it?  <|endoftext|>\r\n{\"id\": [1, 22, 333, 4444]}   "
                    + "naïve Straße Ελληνικά русский 日本語 한국어 العربية 🙂👩‍🔬 #!/bin/sh x_y->z();\u00a0\u2028end";

    private Tokenizers() {}

    public static Tokenizer named(String name) {
        return switch (name) {
            case BytesTokenizer.NAME -> new BytesTokenizer();
            case "r50k_base" -> tiktoken(name, 50_256, 50_257);
            case "cl100k_base" -> tiktoken(name, 100_257, 100_277);
            case "o200k_base" -> tiktoken(name, 199_999, 200_019);
            default -> throw unknown(name);
        };
    }

    private static InvalidException unknown(String name) {
        return new InvalidException("tokenizer must be one of " + String.join(", ", NAMES) + ", but was " + name);
    }

    /// The bytes of each id of a tokenizer with a name.
    static byte[][] tokens(String name) {
        if (!NAMES.contains(name)) {
            throw unknown(name);
        }
        if (!name.equals(BytesTokenizer.NAME)) {
            return TiktokenFiles.read(name);
        }
        byte[][] bytes = new byte[BytesTokenizer.END_OF_TEXT][];
        for (int value = 0; value < bytes.length; value++) {
            bytes[value] = new byte[] {(byte) value};
        }
        return bytes;
    }

    /// A tokenizer with a name, as a splitter and a vocabulary.
    static BytePairs pairs(String name) {
        Splitter splitter = switch (name) {
            case "r50k_base" -> Stages.gpt2();
            case "cl100k_base" -> Stages.cl100k(3);
            case "o200k_base" -> Stages.o200k();
            default -> Splitter.WHOLE;
        };
        byte[][] tokens = tokens(name);
        return BytePairs.of(splitter, Vocabulary.ofRanks(tokens), tokens.length);
    }

    /// The tokenizer of a `tokenizer.json`.
    ///
    /// @param name what people call it, as the name of the file
    /// @param endOfText the token at the end of each document
    /// @param beginOfText the token before each document, if there is to be one
    public static Tokenizer ofFile(String name, Asset file, Optional<String> endOfText, Optional<String> beginOfText) {
        TokenizerJson.Contents contents = read(name, file);
        if (endOfText.isEmpty()) {
            throw new InvalidException("tokenizer " + name + " does not say which token ends a text: name it with"
                    + " --end-of-text; its special tokens are " + candidates(contents.pairs()));
        }
        int end = idOf(name, "end-of-text", endOfText.get(), contents);
        OptionalInt begin = beginOfText.isEmpty()
                ? OptionalInt.empty()
                : OptionalInt.of(idOf(name, "begin-of-text", beginOfText.get(), contents));
        return ofPairs(name, file, contents.pairs(), end, begin);
    }

    /// The tokenizer of a `tokenizer.json`, by the ids of what stands around texts.
    public static Tokenizer ofFile(String name, Asset file, int endOfText, OptionalInt beginOfText) {
        return ofPairs(name, file, read(name, file).pairs(), endOfText, beginOfText);
    }

    /// The tokenizer of a corpus.
    ///
    /// @param file what [TokenizerIdentity#file] names
    public static Tokenizer of(TokenizerIdentity identity, Optional<Asset> file) {
        if (identity.file().isEmpty()) {
            return named(identity.name());
        }
        Asset asset = file.orElseThrow(
                () -> new InvalidException("tokenizer " + identity.name() + " needs its file " + identity.file()));
        return ofFile(identity.name(), asset, identity.endOfText(), identity.beginOfText());
    }

    /// XXH64 of the ids that a fixed text gives, as little-endian int32.
    static long fingerprint(Tokenizer tokenizer) {
        Tokens tokens = tokenizer.encode(FINGERPRINT_TEXT);
        return Digests.xxh64(tokens.toBytes(0, tokens.length(), Integer.BYTES));
    }

    /// @param vocabularySize ids up to the largest one of the special tokens
    private static Tokenizer tiktoken(String name, int endOfText, int vocabularySize) {
        UnicodeVersion.requireOfTiktoken(name);
        return new BytePairTokenizer(
                pairs(name),
                OptionalInt.empty(),
                endOfText,
                tokenizer -> TokenizerIdentity.builtIn(name, vocabularySize, endOfText, fingerprint(tokenizer)));
    }

    private static Tokenizer ofPairs(String name, Asset file, BytePairs pairs, int end, OptionalInt begin) {
        return new BytePairTokenizer(
                pairs,
                begin,
                end,
                tokenizer -> new TokenizerIdentity(
                        name,
                        pairs.size(),
                        end,
                        begin,
                        fingerprint(tokenizer),
                        Optional.of(file.sha256()),
                        UnicodeVersion.ofThisJdk()));
    }

    static TokenizerJson.Contents read(String name, Asset file) {
        try {
            return TokenizerJson.read(file.bytes());
        } catch (InvalidException e) {
            throw new InvalidException("tokenizer " + name + ": " + e.getMessage());
        }
    }

    private static int idOf(String name, String what, String token, TokenizerJson.Contents contents) {
        Map<String, Integer> ids = contents.ids();
        Integer id = ids.get(token);
        if (id == null) {
            throw new InvalidException("tokenizer " + name + " has no token \"" + token + "\" for " + what
                    + "; its special tokens are " + candidates(contents.pairs()));
        }
        return id;
    }

    private static String candidates(BytePairs pairs) {
        List<String> special = pairs.added().stream()
                .filter(AddedToken::special)
                .map(AddedToken::content)
                .toList();
        String shown = special.stream()
                .sorted((a, b) -> Boolean.compare(soundsLikeEnd(b), soundsLikeEnd(a)))
                .limit(MAX_CANDIDATES)
                .collect(Collectors.joining(", "));
        return special.isEmpty() ? "none" : special.size() <= MAX_CANDIDATES ? shown : shown + ", …";
    }

    private static boolean soundsLikeEnd(String token) {
        return token.contains("end") || token.contains("eos") || token.contains("eot") || token.startsWith("</");
    }
}
