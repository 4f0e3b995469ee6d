package dev.dyadic.sampler.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SliceTest {
    static LongStream seeds() {
        return LongStream.range(0, 200);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void ranksShareEveryRowOnceWhateverTheirWeights(long seed) {
        Random random = new Random(seed);
        int world = 1 + random.nextInt(12);
        int rows = random.nextInt(200);
        List<Integer> weights = new ArrayList<>(List.of(1));
        for (int rank = 1; rank < world; rank++) {
            weights.add(random.nextInt(5));
        }

        int even = 0;
        int weighted = 0;
        for (int rank = 0; rank < world; rank++) {
            Slice slice = Slice.ofRank(rank, world, rows);
            assertThat(slice.first()).isEqualTo(even);
            assertThat(slice.rows()).isBetween(rows / world, rows / world + 1);
            even = slice.end();
            Slice share = Slice.ofRank(rank, weights, rows);
            assertThat(share.first()).isEqualTo(weighted);
            weighted = share.end();
            assertThat(share.micro(7).stream().mapToInt(Slice::rows).sum()).isEqualTo(share.rows());
        }

        assertThat(even).isEqualTo(rows);
        assertThat(weighted).isEqualTo(rows);
    }

    @Test
    void evenWorldsDivideTheRowsOfTheLongestLength() {
        assertThat(Slice.evenWorlds(65_536, 8_192)).containsExactly(1, 2, 4, 8);
        assertThat(Slice.evenWorlds(12 * 1024, 1024)).containsExactly(1, 2, 3, 4, 6, 12);
        for (int world : Slice.evenWorlds(12 * 1024, 1024)) {
            for (int rows = 12; rows <= 12 * 16; rows *= 2) {
                assertThat(rows % world).isZero();
            }
        }
    }

    @Test
    void saysWhatIsWrong() {
        assertThatThrownBy(() -> Slice.ofRank(4, 4, 10))
                .hasMessage("rank must satisfy 0 <= rank < world, but was rank=4, world=4");
        assertThatThrownBy(() -> Slice.ofRank(0, List.of(0, 0), 10)).hasMessageContaining("some weight be above 0");
        assertThatThrownBy(() -> Slice.evenWorlds(1000, 64))
                .hasMessageContaining("must be a multiple of the longest length");
    }
}
