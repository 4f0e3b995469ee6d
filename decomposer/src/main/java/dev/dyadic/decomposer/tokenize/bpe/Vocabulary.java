package dev.dyadic.decomposer.tokenize.bpe;

import dev.dyadic.proto.Utf8;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A byte-pair vocabulary: tokens, and how they merge. Never changes; safe for use by many threads.
///
/// Its symbols are bytes, or characters; of the latter, those that the vocabulary does not have are the ids of their
/// bytes.
public final class Vocabulary {
    private static final int BYTES = 256;
    private static final int PAGE_BITS = 8;
    private static final int PAGE_MASK = (1 << PAGE_BITS) - 1;
    private static final int NO_ID = -1;

    private static final int MAX_ROUNDS = 8;

    private final Merges merges;
    /// Of the merges that are not late.
    private final Derivations derivations;
    /// The tokens that late merges give.
    private final Substrings late;
    private final boolean orderly;
    /// Tokens that merging gives.
    private final Trie tokens;
    /// The other tokens, where a piece that is a token is not merged.
    private final @Nullable Trie unmerged;
    private final int[] lengths;
    /// The longest token, of those that merging gives, that another one begins with.
    private final int[] prefixes;
    /// The id of each byte, or of each byte of a character that the vocabulary does not have.
    private final int[] byteIds;
    private final int @Nullable [][] characterIds;
    private final @Nullable Joins joins;

    private Vocabulary(
            byte[] @Nullable [] strings,
            MergeList list,
            boolean wholeFirst,
            int[] byteIds,
            int @Nullable [][] characterIds) {
        this.merges = new Merges(list);
        this.byteIds = byteIds;
        this.characterIds = characterIds;
        int[] symbols = symbols(byteIds, characterIds);
        List<byte[]> lateTokens = new ArrayList<>();
        MergeList timely = list;
        Derivations found = new Derivations(merges, timely, strings.length, symbols);
        for (int round = 1; round < MAX_ROUNDS && !found.late().isEmpty(); round++) {
            for (int index : found.late()) {
                lateTokens.add(Objects.requireNonNull(strings[timely.merged(index)], "what merges make is text"));
            }
            timely = timely.without(found.late());
            found = new Derivations(new Merges(timely), timely, strings.length, symbols);
        }
        this.derivations = found;
        this.late = new Substrings(lateTokens);
        byte[] @Nullable [] merging = strings.clone();
        this.lengths = new int[strings.length];
        for (int id = 0; id < strings.length; id++) {
            byte[] string = strings[id];
            if (string == null || !derivations.exists(id)) {
                merging[id] = null;
            } else {
                lengths[id] = string.length;
            }
        }
        if (characterIds != null) {
            for (int id : byteIds) {
                // What stands for one byte is no text.
                merging[id] = null;
            }
        }
        this.tokens = new Trie(merging);
        this.unmerged = wholeFirst ? new Trie(without(strings, merging)) : null;
        this.prefixes = new int[strings.length];
        for (int id = 0; id < strings.length; id++) {
            byte[] string = merging[id];
            prefixes[id] = string == null ? NO_ID : tokens.longest(string, 0, string.length - 1);
        }
        this.joins = characterIds == null || mergesBytes(list, byteIds) ? null : Joins.of(strings, list);
        this.orderly = derivations.late().isEmpty() && (characterIds == null || joins != null);
    }

    /// A vocabulary as tiktoken has it: any two tokens merge whose bytes together are a token, and its id is the rank.
    ///
    /// @param tokens the bytes of each id; all 256 bytes are tokens
    public static Vocabulary ofRanks(byte[][] tokens) {
        Trie all = new Trie(tokens);
        MergeList merges = new MergeList();
        for (int id = 0; id < tokens.length; id++) {
            byte[] token = tokens[id];
            for (int cut = 1; cut < token.length; cut++) {
                int left = all.find(token, 0, cut);
                int right = left == NO_ID ? NO_ID : all.find(token, cut, token.length);
                if (right != NO_ID) {
                    merges.add(left, right, id, id);
                }
            }
        }
        int[] byteIds = IntStream.range(0, BYTES)
                .map(value -> all.find(new byte[] {(byte) value}, 0, 1))
                .toArray();
        return new Vocabulary(tokens, merges, true, byteIds, null);
    }

    /// A vocabulary whose symbols are bytes.
    ///
    /// @param tokens the bytes of each id; null where it is none of a text
    /// @param wholeFirst whether a piece that is a token is not merged
    /// @param byteIds the id of each byte
    public static Vocabulary ofBytes(byte[] @Nullable [] tokens, MergeList merges, boolean wholeFirst, int[] byteIds) {
        return new Vocabulary(tokens, merges, wholeFirst, byteIds.clone(), null);
    }

    /// A vocabulary whose symbols are characters.
    ///
    /// @param tokens the UTF-8 of each id; null where it is none of a text
    /// @param byteIds the id of each byte, for characters that are no token
    public static Vocabulary ofCharacters(
            byte[] @Nullable [] tokens, MergeList merges, boolean wholeFirst, int[] byteIds) {
        int[][] pages = new int[(Character.MAX_CODE_POINT + 1) >> PAGE_BITS][];
        int[] none = new int[PAGE_MASK + 1];
        Arrays.fill(none, NO_ID);
        Arrays.fill(pages, none);
        BitSet begun = new BitSet();
        for (int id = 0; id < tokens.length; id++) {
            byte[] token = tokens[id];
            if (token != null && token.length > 0 && Utf8.length(token[0]) == token.length) {
                int codePoint = Utf8.at(token, 0);
                int page = codePoint >> PAGE_BITS;
                if (!begun.get(page)) {
                    begun.set(page);
                    pages[page] = none.clone();
                }
                pages[page][codePoint & PAGE_MASK] = id;
            }
        }
        return new Vocabulary(tokens, merges, wholeFirst, byteIds.clone(), pages);
    }

    Merges merges() {
        return merges;
    }

    /// Whether [#compatible] tells which tokens stand side by side in this piece, which has no character beside the
    /// tokens.
    boolean isOrderly(byte[] text, int from, int to) {
        return orderly && !late.isIn(text, from, to);
    }

    boolean compatible(int left, int right) {
        return derivations.compatible(left, right);
    }

    /// The longest token that the text has at `from`, of those that merging gives; -1 where there is none.
    int longest(byte[] text, int from, int to) {
        return tokens.longest(text, from, to);
    }

    /// The longest token that this one begins with, or -1.
    int prefix(int token) {
        return prefixes[token];
    }

    /// Bytes of a token that merging gives.
    int length(int token) {
        return lengths[token];
    }

    /// The token that the piece is without being merged, or -1: of those only that merging does not give.
    int unmerged(byte[] text, int from, int to) {
        return unmerged == null ? NO_ID : unmerged.find(text, from, to);
    }

    /// Whether a piece that is a token is not merged.
    boolean wholeFirst() {
        return unmerged != null;
    }

    /// The token that the piece is, of those that merging gives; -1 where it is none.
    int whole(byte[] text, int from, int to) {
        return tokens.find(text, from, to);
    }

    boolean symbolsAreBytes() {
        return characterIds == null;
    }

    int byteId(byte unit) {
        return byteIds[unit & 0xFF];
    }

    /// The id of a character, or -1: it is the ids of its bytes.
    int characterId(int codePoint) {
        return characterIds == null ? NO_ID : characterIds[codePoint >> PAGE_BITS][codePoint & PAGE_MASK];
    }

    /// Which characters may become part of one token; null: the symbols are bytes, or any may.
    @Nullable
    Joins joins() {
        return joins;
    }

    private static int[] symbols(int[] byteIds, int @Nullable [][] characterIds) {
        if (characterIds == null) {
            return byteIds;
        }
        IntStream characters = Arrays.stream(characterIds)
                .distinct()
                .flatMapToInt(Arrays::stream)
                .filter(id -> id != NO_ID);
        return IntStream.concat(Arrays.stream(byteIds), characters).toArray();
    }

    private static byte[] @Nullable [] without(byte[] @Nullable [] strings, byte[] @Nullable [] others) {
        byte[] @Nullable [] rest = strings.clone();
        for (int id = 0; id < rest.length; id++) {
            if (others[id] != null) {
                rest[id] = null;
            }
        }
        return rest;
    }

    private static boolean mergesBytes(MergeList list, int[] byteIds) {
        int[] sorted = byteIds.clone();
        Arrays.sort(sorted);
        return IntStream.range(0, list.size())
                .anyMatch(i -> Arrays.binarySearch(sorted, list.left(i)) >= 0
                        || Arrays.binarySearch(sorted, list.right(i)) >= 0);
    }
}
