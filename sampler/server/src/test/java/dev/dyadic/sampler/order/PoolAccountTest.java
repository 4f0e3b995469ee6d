package dev.dyadic.sampler.order;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.proto.Bucket;
import org.junit.jupiter.api.Test;

final class PoolAccountTest {
    private static final PoolKey POOL = new PoolKey(Bucket.of(6), "web");

    @Test
    void whatIsDealtWasAdmitted() {
        assertThat(PoolAccount.ofLive(POOL, 10, 7, 2)).isEqualTo(new PoolAccount(POOL, 10, 5, 3, 2));
        assertThat(PoolAccount.ofLive(POOL, 10, 10, 0).isConserved()).isTrue();
        assertThat(PoolAccount.ofBounded(POOL, 10, 10).isConserved()).isTrue();
    }

    @Test
    void moreThanWasAdmittedIsNotConserved() {
        assertThat(PoolAccount.ofLive(POOL, 10, 11, 0).isConserved()).isFalse();
        assertThat(PoolAccount.ofLive(POOL, 10, 7, 8).isConserved()).isFalse();
        assertThat(PoolAccount.ofBounded(POOL, 10, 11).isConserved()).isFalse();
        assertThat(new PoolAccount(POOL, 10, 5, 3, 1).isConserved()).isFalse();
    }
}
