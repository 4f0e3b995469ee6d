package dev.dyadic.proto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class SplitMix64Test {
    @Test
    void givesThePublishedSequence() {
        SplitMix64 random = new SplitMix64(1234567);

        assertThat(Long.toUnsignedString(random.next())).isEqualTo("6457827717110365317");
        assertThat(Long.toUnsignedString(random.next())).isEqualTo("3203168211198807973");
        assertThat(Long.toUnsignedString(random.next())).isEqualTo("9817491932198370423");
    }

    @Test
    void drawsBelowABoundAreUniform() {
        SplitMix64 random = new SplitMix64(5);
        int[] counts = new int[7];

        for (int i = 0; i < 70_000; i++) {
            counts[(int) random.nextBelow(7)]++;
        }

        for (int count : counts) {
            assertThat(count).isCloseTo(10_000, within(400));
        }
    }

    @Test
    void keysDependOnTheOrderOfTheirWords() {
        assertThat(SplitMix64.key(1, 2, 3))
                .isNotEqualTo(SplitMix64.key(1, 3, 2))
                .isNotEqualTo(SplitMix64.key(1, 2));
    }

    @Test
    void keysOfOneWordCanBeTakenBack() {
        SplitMix64 random = new SplitMix64(5);
        for (int i = 0; i < 10_000; i++) {
            long key = random.next();
            long word = random.next();
            assertThat(SplitMix64.unkey(SplitMix64.key(key, word), word)).isEqualTo(key);
        }
    }
}
