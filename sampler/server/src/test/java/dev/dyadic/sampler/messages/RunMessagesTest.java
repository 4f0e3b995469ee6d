package dev.dyadic.sampler.messages;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.sampler.TestCorpus;
import dev.dyadic.sampler.order.RunOrder;
import dev.dyadic.sampler.segments.SegmentStore;
import dev.dyadic.v1.SamplerProto.RunDescription;
import dev.dyadic.v1.SamplerProto.RunPool;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunMessagesTest {
    private final TestCorpus corpus = new TestCorpus(2, 100);

    @TempDir
    private Path directory = Path.of("");

    @Test
    void aRunIsDescribedWithItsPools() {
        try (SegmentStore store = corpus.fill(directory)) {
            RunOrder order = corpus.planned(store);

            RunDescription run = new RunMessages(corpus.corpus.settings(), corpus.ledger).describeFully(order);

            assertThat(run.getName()).isEqualTo(TestCorpus.RUN);
            assertThat(run.getCyclesPlanned()).isEqualTo(2);
            assertThat(run.getStepsPlanned()).isEqualTo(run.getTotalSteps()).isEqualTo(order.horizon());
            assertThat(run.getFormat().getVocabularySize()).isEqualTo(257);
            assertThat(run.getPoolsList())
                    .isNotEmpty()
                    .allSatisfy(pool -> assertThat(pool.getDealt() + pool.getPending() + pool.getShed())
                            .isEqualTo(pool.getAdmitted()));
            assertThat(run.getPoolsList().stream()
                            .mapToLong(RunPool::getAdmitted)
                            .sum())
                    .isEqualTo(200);
            assertThat(run.hasCommitted()).isFalse();
        }
    }
}
