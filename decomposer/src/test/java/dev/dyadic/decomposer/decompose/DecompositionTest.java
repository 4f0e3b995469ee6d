package dev.dyadic.decomposer.decompose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.Layout;
import dev.dyadic.proto.LongDocuments;
import dev.dyadic.proto.SplitMix64;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DecompositionTest {
    private static final Buckets BUCKETS = new Buckets(6, 13);

    /// Cases of the authors' code.
    static Stream<JsonNode> referenceCases() throws IOException {
        try (InputStream stream = DecompositionTest.class.getResourceAsStream("/decompose-next-token.json")) {
            List<JsonNode> cases = new ArrayList<>();
            new ObjectMapper().readTree(stream).path("cases").forEach(cases::add);
            assertThat(cases).hasSizeGreaterThan(50);
            return cases.stream();
        }
    }

    static LongStream seeds() {
        return LongStream.range(0, 300);
    }

    @ParameterizedTest
    @MethodSource("referenceCases")
    void agreesWithTheReference(JsonNode given) {
        Buckets buckets =
                new Buckets(given.path("minLog2").asInt(), given.path("maxLog2").asInt());
        Decomposition decomposition = new Decomposition(buckets, Layout.NEXT_TOKEN, LongDocuments.LONGEST_FIRST);
        List<List<Integer>> expected = new ArrayList<>();
        given.path("pieces")
                .forEach(piece -> expected.add(
                        List.of(piece.path(0).asInt(), piece.path(1).asInt())));

        List<Piece> pieces = decomposition.pieces(given.path("tokens").asInt(), 0);

        assertThat(pieces.stream().map(piece -> List.of(piece.start(), piece.tokens())))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void piecesCoverTheDocumentButForAShortTail(long seed) {
        SplitMix64 random = new SplitMix64(seed);
        int min = (int) random.nextBelow(8);
        Buckets buckets = new Buckets(min, min + (int) random.nextBelow(6));
        int tokens = (int) random.nextBelow(200_000);
        for (Layout layout : Layout.values()) {
            for (LongDocuments mode : LongDocuments.values()) {
                Decomposition decomposition = new Decomposition(buckets, layout, mode);

                List<Piece> pieces = decomposition.pieces(tokens, seed);

                int end = 0;
                for (Piece piece : pieces) {
                    assertThat(piece.start()).isEqualTo(end);
                    assertThat(buckets.contains(piece.bucket())).isTrue();
                    assertThat(piece.tokens()).isEqualTo(layout.rowTokens(piece.bucket()));
                    end = piece.end();
                }
                assertThat(tokens - end).isBetween(0, layout.rowTokens(buckets.min()) - 1);
                assertThat(decomposition.pieces(tokens, seed)).isEqualTo(pieces);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void plainPiecesAreTheBinaryDigits(long seed) {
        int tokens = (int) new SplitMix64(seed).nextBelow(1 << 13);
        Decomposition decomposition = new Decomposition(new Buckets(0, 13), Layout.PLAIN, LongDocuments.LONGEST_FIRST);

        List<Piece> pieces = decomposition.pieces(tokens, 0);

        int digits = 0;
        for (Piece piece : pieces) {
            digits |= piece.bucket().length();
        }
        assertThat(digits).isEqualTo(tokens);
        assertThat(pieces).hasSize(Integer.bitCount(tokens));
    }

    @Test
    void spreadGivesEveryBucketTheSameTokens() {
        Decomposition decomposition = new Decomposition(BUCKETS, Layout.NEXT_TOKEN, LongDocuments.SPREAD);
        double[] tokens = new double[BUCKETS.count()];

        for (int seed = 0; seed < 200; seed++) {
            for (Piece piece : decomposition.pieces(1_000_000, seed)) {
                tokens[BUCKETS.indexOf(piece.bucket())] += piece.bucket().length();
            }
        }

        double total = LongStream.range(0, tokens.length)
                .mapToDouble(i -> tokens[(int) i])
                .sum();
        for (double bucket : tokens) {
            assertThat(bucket / total).isCloseTo(1.0 / tokens.length, within(0.01));
        }
    }

    @Test
    void spreadLeavesShorterDocumentsAlone() {
        int justTooShort = (1 << 14);
        Decomposition spread = new Decomposition(BUCKETS, Layout.NEXT_TOKEN, LongDocuments.SPREAD);
        Decomposition longest = new Decomposition(BUCKETS, Layout.NEXT_TOKEN, LongDocuments.LONGEST_FIRST);

        assertThat(spread.pieces(justTooShort, 1)).isEqualTo(longest.pieces(justTooShort, 1));
    }
}
