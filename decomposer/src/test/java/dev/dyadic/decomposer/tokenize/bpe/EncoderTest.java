package dev.dyadic.decomposer.tokenize.bpe;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Holds the encoder against the definition: merge the leftmost of the least rank, until none is left.
class EncoderTest {
    static IntStream seeds() {
        return IntStream.range(0, 60);
    }

    /// A vocabulary at random, whose merges come in any order, so that many are late, and several make one token.
    private static final class Sample {
        private final Random chance;
        private final List<String> tokens = new ArrayList<>();
        private final Map<String, Integer> ids = new LinkedHashMap<>();
        private final List<int[]> merges = new ArrayList<>();
        private final boolean wholeFirst;

        Sample(int seed, List<String> symbols) {
            chance = new Random(seed);
            symbols.forEach(this::idOf);
            for (int i = 3 + chance.nextInt(40); i > 0; i--) {
                int left = chance.nextInt(tokens.size());
                int right = chance.nextInt(tokens.size());
                String merged = tokens.get(left) + tokens.get(right);
                if (merged.length() < 12) {
                    merges.add(new int[] {left, right, idOf(merged)});
                }
            }
            if (seed % 3 > 0) {
                Collections.shuffle(merges.subList(0, seed % 3 == 1 ? merges.size() : merges.size() / 2), chance);
            }
            wholeFirst = chance.nextBoolean();
        }

        private int idOf(String token) {
            return ids.computeIfAbsent(token, t -> {
                tokens.add(t);
                return tokens.size() - 1;
            });
        }

        MergeList list() {
            MergeList list = new MergeList();
            for (int rank = 0; rank < merges.size(); rank++) {
                int[] merge = merges.get(rank);
                list.add(merge[0], merge[1], merge[2], rank);
            }
            return list;
        }

        byte[][] bytes() {
            return tokens.stream().map(t -> t.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
        }

        List<Integer> naive(List<Integer> symbols, String piece) {
            if (wholeFirst && ids.containsKey(piece)) {
                return List.of(ids.get(piece));
            }
            List<Integer> left = new ArrayList<>(symbols);
            while (true) {
                int best = Integer.MAX_VALUE;
                int at = -1;
                for (int i = 0; i + 1 < left.size(); i++) {
                    int rank = rank(left.get(i), left.get(i + 1));
                    if (rank < best) {
                        best = rank;
                        at = i;
                    }
                }
                if (at < 0) {
                    return left;
                }
                left.set(at, merges.get(best)[2]);
                left.subList(at + 1, at + 2).clear();
            }
        }

        private int rank(int left, int right) {
            for (int rank = merges.size() - 1; rank >= 0; rank--) {
                if (merges.get(rank)[0] == left && merges.get(rank)[1] == right) {
                    return rank;
                }
            }
            return Integer.MAX_VALUE;
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void bytesMergeAsDefined(int seed) {
        List<String> letters = List.of("a", "b", "c").subList(0, 1 + seed % 3);
        Sample sample = new Sample(seed, letters);
        int[] byteIds = new int[256];
        for (int i = 0; i < letters.size(); i++) {
            byteIds[letters.get(i).charAt(0)] = i;
        }
        Encoder encoder = new Encoder(Vocabulary.ofBytes(sample.bytes(), sample.list(), sample.wholeFirst, byteIds));

        for (int round = 0; round < 300; round++) {
            String piece = piece(sample.chance, letters);

            List<Integer> symbols = piece.chars()
                    .mapToObj(c -> letters.indexOf(Character.toString(c)))
                    .toList();
            assertThat(encode(encoder, piece)).as(piece).isEqualTo(sample.naive(symbols, piece));
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void charactersMergeAsDefined(int seed) {
        List<String> symbols = new ArrayList<>(List.of("a", "é", "▁"));
        IntStream.range(0, 256).forEach(value -> symbols.add(String.format("<0x%02X>", value)));
        Sample sample = new Sample(seed, symbols.subList(0, 3));
        List<String> letters = List.of("a", "é", "▁", "日", "x");
        int begin = sample.tokens.size();
        symbols.subList(3, symbols.size()).forEach(sample::idOf);
        int[] byteIds = IntStream.range(begin, begin + 256).toArray();
        if (seed % 5 == 0) {
            // A merge of bytes, after which nothing can be cut.
            sample.merges.add(new int[] {byteIds['x'], 0, sample.idOf("<0x78>a")});
        }
        Encoder encoder =
                new Encoder(Vocabulary.ofCharacters(sample.bytes(), sample.list(), sample.wholeFirst, byteIds));

        for (int round = 0; round < 300; round++) {
            String piece = piece(sample.chance, letters);

            List<Integer> ids = new ArrayList<>();
            piece.codePoints().forEach(c -> {
                int known = List.of("a", "é", "▁").indexOf(Character.toString(c));
                if (known >= 0) {
                    ids.add(known);
                } else {
                    for (byte unit : Character.toString(c).getBytes(StandardCharsets.UTF_8)) {
                        ids.add(byteIds[unit & 0xFF]);
                    }
                }
            });
            assertThat(encode(encoder, piece)).as(piece).isEqualTo(sample.naive(ids, piece));
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void ranksMergeAsTiktokenDoes(int seed) {
        Random chance = new Random(seed);
        List<byte[]> tokens = new ArrayList<>();
        for (int value = 0; value < 256; value++) {
            tokens.add(new byte[] {(byte) value});
        }
        List<String> known = new ArrayList<>(List.of("a", "b", "c"));
        for (int i = 0; i < 30; i++) {
            String token = known.get(chance.nextInt(known.size())) + known.get(chance.nextInt(known.size()));
            if (!known.contains(token) && token.length() < 12) {
                known.add(token);
                tokens.add(token.getBytes(StandardCharsets.UTF_8));
            }
        }
        Encoder encoder = new Encoder(Vocabulary.ofRanks(tokens.toArray(byte[][]::new)));

        for (int round = 0; round < 300; round++) {
            String piece = piece(chance, List.of("a", "b", "c"));

            assertThat(encode(encoder, piece)).as(piece).isEqualTo(byRank(tokens, piece));
        }
    }

    private static List<Integer> byRank(List<byte[]> tokens, String piece) {
        Map<String, Integer> ranks = new LinkedHashMap<>();
        for (int i = 0; i < tokens.size(); i++) {
            ranks.put(new String(tokens.get(i), StandardCharsets.ISO_8859_1), i);
        }
        List<String> parts = new ArrayList<>(Arrays.asList(piece.split("")));
        while (!ranks.containsKey(piece)) {
            int best = Integer.MAX_VALUE;
            int at = -1;
            for (int i = 0; i + 1 < parts.size(); i++) {
                int rank = ranks.getOrDefault(parts.get(i) + parts.get(i + 1), Integer.MAX_VALUE);
                if (rank < best) {
                    best = rank;
                    at = i;
                }
            }
            if (at < 0) {
                return parts.stream().map(ranks::get).toList();
            }
            parts.set(at, parts.get(at) + parts.remove(at + 1));
        }
        return List.of(ranks.get(piece));
    }

    private static List<Integer> encode(Encoder encoder, String piece) {
        byte[] bytes = piece.getBytes(StandardCharsets.UTF_8);
        encoder.piece(bytes, 0, bytes.length);
        int count = encoder.count();
        return Arrays.stream(encoder.take()).limit(count).boxed().toList();
    }

    private static String piece(Random chance, List<String> letters) {
        StringBuilder piece = new StringBuilder(letters.get(chance.nextInt(letters.size())));
        for (int i = chance.nextInt(chance.nextInt(10) == 0 ? 200 : 20); i > 0; i--) {
            piece.append(letters.get(chance.nextInt(letters.size())));
        }
        return piece.toString();
    }
}
