package dev.dyadic.sampler.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.proto.DyadicException;
import dev.dyadic.v1.SamplerProto.Batch;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StreamLoopTest {
    private static final long END = 7;

    private final List<String> events = new ArrayList<>();
    private boolean alive = true;
    private long clientGoesAt = Long.MAX_VALUE;

    private final StreamLoop.Steps steps = new StreamLoop.Steps() {
        @Override
        public boolean isOver(long step) {
            return step >= END;
        }

        @Override
        public Batch gather(long step) {
            return Batch.newBuilder().setStep(step).build();
        }

        @Override
        public void sent(long step) {
            alive = step != 4;
        }
    };

    private final StreamLoop.Sink sink = new StreamLoop.Sink() {
        @Override
        public boolean awaitReady() {
            return events.size() < clientGoesAt;
        }

        @Override
        public void send(Batch batch) {
            events.add("step " + batch.getStep());
        }

        @Override
        public void complete() {
            events.add("completed");
        }
    };

    @Test
    void pushesToTheEndOfTheRun() throws InterruptedException {
        new StreamLoop(steps, sink, () -> {}).run(5, 0);

        assertThat(events).containsExactly("step 5", "step 6", "completed");
    }

    @Test
    void pushesAsManyAsWereAskedFor() throws InterruptedException {
        new StreamLoop(steps, sink, () -> {}).run(1, 2);

        assertThat(events).containsExactly("step 1", "step 2", "completed");
    }

    @Test
    void endsWithoutAWordWhenTheClientHasGone() throws InterruptedException {
        clientGoesAt = 1;

        new StreamLoop(steps, sink, () -> {}).run(1, 0);

        assertThat(events).containsExactly("step 1");
    }

    @Test
    void endsWithTheReasonWhenReplicationHasDied() {
        Runnable requireAlive = () -> {
            if (!alive) {
                throw new DyadicException(DyadicException.Kind.NOT_READY, "replication has ended");
            }
        };

        assertThatThrownBy(() -> new StreamLoop(steps, sink, requireAlive).run(3, 0))
                .hasMessage("replication has ended");

        assertThat(events).containsExactly("step 3", "step 4");
    }
}
