package dev.dyadic.sampler.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.proto.DyadicException;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class CallBudgetTest {
    private static final int MEBIBYTE = 1 << 20;

    private final CallBudget budget = new CallBudget(2, 2 * MEBIBYTE);

    @Test
    void soManyCallsAtOnceAndNoMore() {
        CallBudget.Share first = enter();
        enter();

        assertThat(budget.enter()).isNull();
        first.close();
        first.close();
        assertThat(budget.enter()).isNotNull();
        assertThat(budget.enter()).isNull();
    }

    @Test
    void soManyBytesOnTheirWayAndNoMore() throws InterruptedException {
        CallBudget.Share first = enter();
        CallBudget.Share second = enter();
        first.takeBytes(MEBIBYTE, System.nanoTime());
        second.takeBytes(MEBIBYTE, System.nanoTime());

        assertThatThrownBy(() -> second.takeBytes(2 * MEBIBYTE, System.nanoTime()))
                .isInstanceOf(DyadicException.class)
                .hasMessageContaining("answers of 2097152 bytes together are on their way");
        first.returnBytes();
        second.takeBytes(2 * MEBIBYTE, System.nanoTime());
        second.close();
        first.takeBytes(2 * MEBIBYTE, System.nanoTime());
    }

    private CallBudget.Share enter() {
        return Objects.requireNonNull(budget.enter());
    }
}
