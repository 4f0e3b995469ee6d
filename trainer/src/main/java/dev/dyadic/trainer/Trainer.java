package dev.dyadic.trainer;

import com.google.protobuf.ByteString;
import dev.dyadic.sampler.client.BatchPrefetcher;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.sampler.client.SamplerClientException;
import dev.dyadic.trainer.checkpoint.CheckpointFacts;
import dev.dyadic.trainer.checkpoint.Checkpoints;
import dev.dyadic.trainer.model.ModelConfig;
import dev.dyadic.trainer.model.ModelState;
import dev.dyadic.trainer.model.Transformer;
import dev.dyadic.v1.Batch;
import dev.dyadic.v1.GetBatchRequest;
import dev.dyadic.v1.Position;
import dev.dyadic.v1.RunDescription;
import io.grpc.Status;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Trains a model on a run's batches, from the newest checkpoint on. Runs on the caller's thread.
public final class Trainer {
    private static final Logger LOG = LoggerFactory.getLogger(Trainer.class);
    private static final String NEXT_TOKEN = "next-token";
    private static final int KEPT_CHECKPOINTS = 3;
    private static final double FLOOR_PART = 0.1;

    private final SamplerClient sampler;
    private final TrainSettings settings;
    private final TrainProgress progress;
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final AtomicReference<@Nullable BatchPrefetcher> fetching = new AtomicReference<>();

    public Trainer(SamplerClient sampler, TrainSettings settings, TrainProgress progress) {
        this.sampler = sampler;
        this.settings = settings;
        this.progress = progress;
    }

    /// Ends the training after the step at hand, with a checkpoint; a wait for the next batch ends at once. Callable
    /// from
    /// any thread.
    public void stop() {
        stopping.set(true);
        BatchPrefetcher batches = fetching.get();
        if (batches != null) {
            batches.close();
        }
    }

    public TrainReport train() {
        RunDescription run = sampler.describeRun(settings.run());
        if (!run.getFormat().getLayout().equals(NEXT_TOKEN)) {
            throw new TrainerException("this trainer needs a corpus with layout " + NEXT_TOKEN + ", but run "
                    + settings.run() + " has layout " + run.getFormat().getLayout());
        }
        ModelConfig config = ModelConfig.named(settings.model(), run.getFormat().getVocabularySize());
        Optional<Checkpoints> checkpoints =
                settings.checkpoints().map(directory -> new Checkpoints(directory, KEPT_CHECKPOINTS));
        Optional<Checkpoints.Found> found = checkpoints.flatMap(Checkpoints::latest);
        found.ifPresent(checkpoint -> requireMatching(checkpoint, run, config));
        try (Transformer model = Transformer.load(config, settings.threads())) {
            ModelState state = found.isPresent()
                    ? model.state(checkpoints.orElseThrow().read(found.get(), model.manager()))
                    : model.initialState(settings.seed());
            return new Loop(run, model, state, checkpoints, found.map(Checkpoints.Found::facts)).run();
        }
    }

    private void requireMatching(Checkpoints.Found checkpoint, RunDescription run, ModelConfig config) {
        CheckpointFacts facts = checkpoint.facts();
        if (!facts.run().equals(run.getName()) || facts.runId() != run.getRunId()) {
            throw new TrainerException("checkpoint " + checkpoint.path() + " is of run " + facts.run() + " with id "
                    + facts.runId() + ", but run " + run.getName() + " has id " + run.getRunId()
                    + ": name another --checkpoints");
        }
        if (!facts.model().equals(config)) {
            throw new TrainerException("checkpoint " + checkpoint.path() + " is of model " + facts.model() + ", but "
                    + config + " was asked for: name the same --model, or another --checkpoints");
        }
    }

    /// One start of a training: from its first step to its last.
    private final class Loop {
        private final RunDescription run;
        private final Transformer model;
        private final ModelState state;
        private final Optional<Checkpoints> checkpoints;
        private final Optional<CheckpointFacts> resumed;
        private final long firstStep;
        private final long endStep;
        private final LearningRate rate;
        private final LossMeter losses = new LossMeter();
        private long tokens;
        private float firstLoss;

        Loop(
                RunDescription run,
                Transformer model,
                ModelState state,
                Optional<Checkpoints> checkpoints,
                Optional<CheckpointFacts> resumed) {
            this.run = run;
            this.model = model;
            this.state = state;
            this.checkpoints = checkpoints;
            this.resumed = resumed;
            this.firstStep = resumed.map(facts -> facts.step() + 1).orElse(0L);
            this.endStep = run.hasTotalSteps() ? Math.min(settings.steps(), run.getTotalSteps()) : settings.steps();
            this.rate = new LearningRate(settings.peakRate(), FLOOR_PART, settings.warmupSteps(), Math.max(1, endStep));
            this.tokens = resumed.map(CheckpointFacts::tokens).orElse(0L);
            this.firstLoss = resumed.map(CheckpointFacts::firstLoss).orElse(Float.NaN);
        }

        TrainReport run() {
            LOG.info(
                    "training starts, run={} step={} end={} parameters={}",
                    run.getName(),
                    firstStep,
                    endStep,
                    model.config().parameters());
            long start = System.nanoTime();
            long step = firstStep;
            String ended = firstStep < endStep
                    ? "all " + endStep + " steps are trained"
                    : "nothing to do: " + firstStep + " steps are trained already, and " + endStep + " were asked for";
            Optional<Batch> unsaved = Optional.empty();
            try (BatchPrefetcher batches =
                    new BatchPrefetcher(sampler, this::request, firstStep, endStep, settings.prefetch())) {
                fetching.set(batches);
                while (step < endStep && !stopping.get()) {
                    Batch batch = batches.next();
                    train(batch, start);
                    unsaved = Optional.of(batch);
                    step++;
                    if ((step - firstStep) % settings.checkpointEverySteps() == 0) {
                        checkpoint(batch);
                        unsaved = Optional.empty();
                    }
                }
                if (step < endStep) {
                    ended = "stopped";
                }
                unsaved.ifPresent(this::checkpoint);
                return report(step, start, batches.waitedNanos(), ended);
            } catch (CancellationException e) {
                unsaved.ifPresent(this::checkpoint);
                return report(step, start, 0, "stopped");
            } catch (SamplerClientException e) {
                unsaved.ifPresent(this::saveBeforeFailing);
                throw e.code() == Status.Code.OUT_OF_RANGE
                        ? new TrainerException("the run ends before step " + step + ": " + e.getMessage(), e)
                        : e;
            }
        }

        /// What was trained is not lost because the sampler is gone. The commit is for later then.
        private void saveBeforeFailing(Batch batch) {
            try {
                checkpoint(batch);
            } catch (SamplerClientException e) {
                LOG.warn("the checkpoint after step {} is written, but not committed", batch.getStep(), e);
            }
        }

        private GetBatchRequest request(long step) {
            GetBatchRequest.Builder request =
                    GetBatchRequest.newBuilder().setRun(run.getName()).setStep(step);
            if (step == firstStep) {
                resumed.ifPresent(facts -> request.setResume(position(
                        facts.step(), ByteString.copyFrom(HexFormat.of().parseHex(facts.manifestDigest())))));
            }
            return request.build();
        }

        private void train(Batch batch, long start) {
            double stepRate = rate.at(batch.getStep());
            Transformer.StepResult result = model.step(
                    state, TokenIds.of(batch), stepRate, settings.optimizer(), settings.microTokens(), stopping::get);
            if (!Float.isFinite(result.loss()) || !Float.isFinite(result.gradientNorm())) {
                throw new TrainerException("step " + batch.getStep() + " has loss " + result.loss()
                        + " and gradient norm " + result.gradientNorm()
                        + ": lower --learning-rate, and start again from a checkpoint before it");
            }
            if (Float.isNaN(firstLoss)) {
                firstLoss = result.loss();
            }
            losses.add(batch.getLength(), result.loss());
            tokens += (long) batch.getRows() * batch.getLength();
            long trained = tokens - resumed.map(CheckpointFacts::tokens).orElse(0L);
            progress.trained(new TrainProgress.Step(
                    batch.getStep(),
                    endStep,
                    batch.getLength(),
                    result.loss(),
                    result.gradientNorm(),
                    stepRate,
                    tokens,
                    trained / seconds(start)));
        }

        private void checkpoint(Batch batch) {
            checkpoints.ifPresent(directory -> {
                String digest =
                        HexFormat.of().formatHex(batch.getManifestDigest().toByteArray());
                directory.write(
                        CheckpointFacts.of(
                                run.getName(),
                                run.getRunId(),
                                batch.getStep(),
                                digest,
                                model.config(),
                                tokens,
                                firstLoss),
                        state.named());
                sampler.commit(run.getName(), position(batch.getStep(), batch.getManifestDigest()));
            });
        }

        private Position position(long step, ByteString manifestDigest) {
            return Position.newBuilder()
                    .setRunId(run.getRunId())
                    .setStep(step)
                    .setManifestDigest(manifestDigest)
                    .build();
        }

        private TrainReport report(long step, long start, long waitedNanos, String ended) {
            double seconds = seconds(start);
            return new TrainReport(
                    firstStep,
                    step - firstStep,
                    tokens,
                    Float.isNaN(firstLoss) ? null : firstLoss,
                    step == firstStep ? null : losses.last(),
                    losses.byLength(),
                    seconds,
                    waitedNanos / (seconds * TimeUnit.SECONDS.toNanos(1)),
                    ended);
        }

        private static double seconds(long start) {
            return Math.max(1, System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
        }
    }
}
