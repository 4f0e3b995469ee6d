package dev.dyadic.deploy.commands.print;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SparseLinesTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void aLineComesEveryTenSeconds() {
        // The clock overflows in the middle.
        AtomicLong clock = new AtomicLong(Long.MAX_VALUE - 15 * SECOND);
        List<String> lines = new ArrayList<>();
        SparseLines sparse = new SparseLines(clock::get, lines::add);

        for (int second = 0; second <= 35; second++) {
            sparse.accept(" at " + second + "  ");
            clock.addAndGet(SECOND);
        }

        assertThat(lines).containsExactly("at 10", "at 20", "at 30");
    }
}
