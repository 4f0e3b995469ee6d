package dev.dyadic.trainer;

import dev.dyadic.sampler.client.SamplerClientException;
import dev.dyadic.v1.SamplerProto.Batch;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// When a training writes checkpoints, and commits them: after every so many steps of the run, counted from step 0 as
/// evaluations are, so that a training that was interrupted writes the same ones; and at its end. A checkpoint is
/// written once, whatever becomes of its commit. Owned by the training thread.
final class Saving {
    private static final Logger LOG = LoggerFactory.getLogger(Saving.class);

    private final long everySteps;
    private final Consumer<Batch> write;
    private final Consumer<Batch> commit;
    private Optional<Batch> unsaved = Optional.empty();

    /// @param write a checkpoint after this batch's step
    /// @param commit tells the sampler of it
    Saving(long everySteps, Consumer<Batch> write, Consumer<Batch> commit) {
        this.everySteps = everySteps;
        this.write = write;
        this.commit = commit;
    }

    /// A step was trained.
    void trained(Batch batch) {
        unsaved = Optional.of(batch);
        if ((batch.getStep() + 1) % everySteps == 0) {
            end();
        }
    }

    /// Saves what is not saved yet.
    void end() {
        if (unsaved.isPresent()) {
            Batch batch = unsaved.get();
            write.accept(batch);
            unsaved = Optional.empty();
            try {
                commit.accept(batch);
            } catch (RuntimeException e) {
                LOG.warn("the checkpoint after step {} is written, but not committed", batch.getStep(), e);
                throw e;
            }
        }
    }

    /// What was trained is not lost because the sampler is gone. The commit is for later then.
    void endBeforeFailing() {
        try {
            end();
        } catch (SamplerClientException e) {
            LOG.debug("the last checkpoint is not committed: the sampler's failure is reported already", e);
        }
    }
}
