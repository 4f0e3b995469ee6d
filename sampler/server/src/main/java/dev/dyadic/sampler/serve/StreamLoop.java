package dev.dyadic.sampler.serve;

import dev.dyadic.v1.SamplerProto.Batch;

/// Pushes batches, one step after the other, until the run ends, enough are sent, or the client has gone. Like every
/// other call it looks, before each step, whether this replica is still alive.
final class StreamLoop {
    private final Steps steps;
    private final Sink sink;
    private final Runnable requireAlive;

    /// Where batches come from.
    interface Steps {
        /// Whether the run has ended before this step.
        boolean isOver(long step);

        /// May wait for data.
        Batch gather(long step) throws InterruptedException;

        void sent(long step);
    }

    /// Where batches go.
    interface Sink {
        /// Waits for room.
        ///
        /// @return false if the client has gone
        boolean awaitReady() throws InterruptedException;

        void send(Batch batch);

        void complete();
    }

    /// @param requireAlive throws where this replica cannot serve
    StreamLoop(Steps steps, Sink sink, Runnable requireAlive) {
        this.steps = steps;
        this.sink = sink;
        this.requireAlive = requireAlive;
    }

    /// @param count of steps; 0: to the end of the run
    void run(long firstStep, long count) throws InterruptedException {
        for (long step = firstStep; ; step++) {
            boolean isEnough = count != 0 && step - firstStep >= count;
            if (isEnough || steps.isOver(step)) {
                sink.complete();
                return;
            }
            if (!sink.awaitReady()) {
                return;
            }
            requireAlive.run();
            sink.send(steps.gather(step));
            steps.sent(step);
        }
    }
}
