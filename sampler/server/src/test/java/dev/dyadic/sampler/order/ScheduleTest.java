package dev.dyadic.sampler.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.SplitMix64;
import dev.dyadic.proto.Weighting;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ScheduleTest {
    private static final Buckets BUCKETS = new Buckets(6, 13);

    static LongStream seeds() {
        return LongStream.range(0, 200);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void agreesWithASlowOneInBigIntegers(long seed) {
        SplitMix64 random = new SplitMix64(seed);
        int count = 1 + (int) random.nextBelow(8);
        Buckets buckets = new Buckets(3, 2 + count);
        List<String> presets = Curriculum.PRESETS;
        Curriculum curriculum = Curriculum.of(presets.get((int) random.nextBelow(presets.size())), buckets, List.of());
        Weighting weighting = random.nextBelow(2) == 0 ? Weighting.ODDS : Weighting.ODDS_TIMES_STEPS;
        long[] steps = LongStream.range(0, count).map(_ -> random.nextBelow(60)).toArray();

        Schedule schedule = Schedule.draw(buckets, steps, curriculum.odds(), weighting, seed);

        List<Integer> expected = slow(buckets, steps, curriculum.odds(), weighting, seed);
        List<Integer> drawn = new ArrayList<>();
        int[] before = new int[14];
        for (int step = 0; step < schedule.steps(); step++) {
            Bucket bucket = schedule.bucketAt(step);
            drawn.add(bucket.log2());
            assertThat(schedule.sameBefore(step)).isEqualTo(before[bucket.log2()]++);
        }
        assertThat(drawn).isEqualTo(expected);
        for (int i = 0; i < count; i++) {
            assertThat(before[3 + i]).isEqualTo((int) steps[i]);
        }
    }

    @Test
    void growsFromShortToLong() {
        long[] steps = {100, 100, 100, 100, 100, 100, 100, 100};

        Schedule schedule = schedule("grow-p100", steps);

        assertThat(mean(schedule, 0, 200)).isLessThan(mean(schedule, 300, 500));
        assertThat(mean(schedule, 300, 500)).isLessThan(mean(schedule, 600, 800));
        assertThat(mean(schedule("shrink-p100", steps), 0, 200))
                .isGreaterThan(mean(schedule("shrink-p100", steps), 600, 800));
    }

    @Test
    void uniformDrawsInProportionToSteps() {
        long[] steps = {8000, 1000, 1000, 0, 0, 0, 0, 0};

        Schedule schedule = schedule("uniform", steps);

        int first = 0;
        for (int step = 0; step < 1000; step++) {
            first += schedule.bucketAt(step).log2() == 6 ? 1 : 0;
        }
        assertThat(first / 1000.0).isCloseTo(0.8, within(0.05));
    }

    @Test
    void presetsAreThePapers() {
        Buckets six = new Buckets(8, 13);

        assertThat(Curriculum.of("grow-linear", six, List.of()).oddsTexts())
                .containsExactly("6", "5", "4", "3", "2", "1");
        assertThat(Curriculum.of("grow-p2", six, List.of()).oddsTexts())
                .containsExactly("32", "16", "8", "4", "2", "1");
        assertThat(Curriculum.of("grow-p100", six, List.of()).oddsTexts())
                .containsExactly("10000000000", "100000000", "1000000", "10000", "100", "1");
        assertThat(Curriculum.of("shrink-p100", six, List.of()).oddsTexts())
                .containsExactly("1", "100", "10000", "1000000", "100000000", "10000000000");
    }

    @Test
    void refusesOddsThatDoNotFit() {
        assertThatThrownBy(() -> Curriculum.of("odds", new Buckets(6, 7), List.of("1")))
                .hasMessage("curriculum odds must be 2, one for each length of 64..128, but there were 1");
        assertThatThrownBy(() -> Curriculum.of("odds", new Buckets(6, 7), List.of("1", "0")))
                .hasMessageContaining("curriculum.odds must be integers between 1");
        assertThatThrownBy(() -> Curriculum.of("odds", new Buckets(6, 7), List.of("1", "half")))
                .hasMessage("curriculum odds must be decimal integers, but one was 'half'");
        assertThatThrownBy(() -> Curriculum.of("growing", BUCKETS, List.of()))
                .hasMessage(
                        "curriculum must be one of uniform, grow-linear, grow-p2, grow-p100, shrink-p100, or odds, but"
                                + " was growing");
    }

    private static Schedule schedule(String curriculum, long[] steps) {
        return Schedule.draw(
                BUCKETS, steps, Curriculum.of(curriculum, BUCKETS, List.of()).odds(), Weighting.ODDS_TIMES_STEPS, 3);
    }

    private static double mean(Schedule schedule, int from, int to) {
        double sum = 0;
        for (int step = from; step < to; step++) {
            sum += schedule.bucketAt(step).log2();
        }
        return sum / (to - from);
    }

    private static List<Integer> slow(
            Buckets buckets, long[] steps, List<BigInteger> odds, Weighting weighting, long key) {
        SplitMix64 random = new SplitMix64(key);
        long[] left = steps.clone();
        List<Integer> drawn = new ArrayList<>();
        while (LongStream.of(left).sum() > 0) {
            List<BigInteger> weights = new ArrayList<>();
            BigInteger total = BigInteger.ZERO;
            for (int i = 0; i < steps.length; i++) {
                BigInteger weight = left[i] == 0
                        ? BigInteger.ZERO
                        : odds.get(i).multiply(BigInteger.valueOf(weighting == Weighting.ODDS ? 1 : steps[i]));
                weights.add(weight);
                total = total.add(weight);
            }
            BigInteger draw = below(total, random);
            int bucket = 0;
            while (draw.compareTo(weights.get(bucket)) >= 0) {
                draw = draw.subtract(weights.get(bucket));
                bucket++;
            }
            left[bucket]--;
            drawn.add(buckets.minLog2() + bucket);
        }
        return drawn;
    }

    private static BigInteger below(BigInteger bound, SplitMix64 random) {
        int bits = bound.subtract(BigInteger.ONE).bitLength();
        while (true) {
            BigInteger draw = BigInteger.ZERO;
            for (int word = 0; word < (bits + 63) / 64; word++) {
                draw = draw.shiftLeft(64).add(new BigInteger(Long.toUnsignedString(random.next())));
            }
            draw = draw.mod(BigInteger.ONE.shiftLeft(bits));
            if (draw.compareTo(bound) < 0) {
                return draw;
            }
        }
    }
}
