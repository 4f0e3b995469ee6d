package dev.dyadic.sampler.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.proto.SplitMix64;
import java.util.BitSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PermutationTest {
    static LongStream seeds() {
        return LongStream.range(0, 200);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void isABijectionAndInverts(long seed) {
        SplitMix64 random = new SplitMix64(seed);
        int n = 1 + (int) random.nextBelow(seed < 100 ? 50 : 20_000);
        Permutation permutation = new Permutation(n, random.next());
        BitSet seen = new BitSet();

        for (int i = 0; i < n; i++) {
            long value = permutation.apply(i);
            assertThat(value).isBetween(0L, n - 1L);
            assertThat(permutation.invert(value)).isEqualTo(i);
            seen.set((int) value);
        }

        assertThat(seen.cardinality()).isEqualTo(n);
    }

    @Test
    void worksForSizesThatNobodyCanStore() {
        Permutation permutation = new Permutation((1L << 48) - 3, 9);

        for (long i = 0; i < 1000; i++) {
            assertThat(permutation.invert(permutation.apply(i * 281_474_977L))).isEqualTo(i * 281_474_977L);
        }
    }

    @Test
    void everyRowComesToEveryPlaceEquallyOften() {
        for (int n : new int[] {2, 3, 5, 12}) {
            int trials = 12_000;
            int[][] counts = new int[n][n];
            for (int key = 0; key < trials; key++) {
                Permutation permutation = new Permutation(n, key);
                for (int i = 0; i < n; i++) {
                    counts[i][(int) permutation.apply(i)]++;
                }
            }
            double expected = (double) trials / n;
            for (int[] row : counts) {
                double chiSquared = 0;
                for (int count : row) {
                    chiSquared += (count - expected) * (count - expected) / expected;
                }
                // Far beyond the 99.99th percentile for up to 11 degrees of freedom.
                assertThat(chiSquared).isLessThan(45);
            }
        }
    }

    @Test
    void neighboursDoNotStayTogether() {
        int n = 10_000;
        Permutation permutation = new Permutation(n, 4);
        int adjacent = 0;

        for (int i = 1; i < n; i++) {
            if (Math.abs(permutation.apply(i) - permutation.apply(i - 1)) == 1) {
                adjacent++;
            }
        }

        // A random permutation has two such pairs on average.
        assertThat(adjacent).isLessThan(15);
    }

    @Test
    void refusesPlacesOutside() {
        assertThatThrownBy(() -> new Permutation(3, 0).apply(3)).hasMessage("index must be between 0 and 2, but was 3");
    }
}
