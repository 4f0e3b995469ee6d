package dev.dyadic.proto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class BucketsTest {
    @Test
    void lengthsArePowersOfTwo() {
        Buckets buckets = Buckets.ofLengths(64, 8192);

        assertThat(buckets).isEqualTo(new Buckets(6, 13));
        assertThat(buckets.count()).isEqualTo(8);
        assertThat(buckets).hasToString("64..8192");
    }

    @Test
    void refusesOtherLengthsAndSaysWhy() {
        assertThatThrownBy(() -> Buckets.ofLengths(100, 8192))
                .hasMessage("min-length must be a power of two between 1 and 1048576, but was 100; the nearest is 128");
        assertThatThrownBy(() -> Buckets.ofLengths(64, 0))
                .hasMessage("max-length must be a power of two between 1 and 1048576, but was 0; the nearest is 1");
        assertThatThrownBy(() -> new Buckets(9, 6))
                .hasMessage("bucket.log2 must satisfy 0 <= min <= max <= 20, but was min=9, max=6");
    }
}
