package dev.dyadic.decomposer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.Limits;
import org.junit.jupiter.api.Test;

class TransactionTimeTest {
    @Test
    void coversOneSlowestDocumentOfEachPartitionThatAThreadMayHave() {
        for (int partitions = 1; partitions <= Limits.MAX_PARTITIONS; partitions++) {
            for (int threads = Math.ceilDiv(partitions, 29); threads <= 256; threads++) {
                int perThread = Math.ceilDiv(partitions, threads);

                assertThat(TransactionTime.millis(partitions, threads))
                        .isGreaterThan(perThread * TransactionTime.DOCUMENT_MILLIS)
                        .isBetween(TransactionTime.LEAST_MILLIS, TransactionTime.MOST_MILLIS);
            }
        }
    }

    @Test
    void tooFewThreadsAreRefused() {
        assertThatThrownBy(() -> TransactionTime.millis(64, 2))
                .isInstanceOf(InvalidException.class)
                .hasMessage("--threads must be at least 3 for 64 partitions, but was 2: a thread may come to have 32"
                        + " partitions, each with a document that takes 2 s, and a transaction ends after 60 s");
    }
}
