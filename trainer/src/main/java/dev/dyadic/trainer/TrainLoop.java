package dev.dyadic.trainer;

import com.google.protobuf.ByteString;
import dev.dyadic.sampler.client.BatchPrefetcher;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.sampler.client.SamplerClientException;
import dev.dyadic.trainer.checkpoint.CheckpointFacts;
import dev.dyadic.trainer.checkpoint.Checkpoints;
import dev.dyadic.trainer.model.ModelState;
import dev.dyadic.trainer.model.StepResult;
import dev.dyadic.trainer.model.Transformer;
import dev.dyadic.v1.SamplerProto.Batch;
import dev.dyadic.v1.SamplerProto.GetBatchRequest;
import dev.dyadic.v1.SamplerProto.Position;
import dev.dyadic.v1.SamplerProto.RunDescription;
import io.grpc.Status;
import java.util.HexFormat;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One start of a training: from its first step to its last. Owned by the training thread.
final class TrainLoop {
    private static final Logger LOG = LoggerFactory.getLogger(TrainLoop.class);
    private static final double NANOS = TimeUnit.SECONDS.toNanos(1);

    private final SamplerClient sampler;
    private final TrainSettings settings;
    private final TrainProgress progress;
    private final BooleanSupplier stopping;
    private final Parts parts;
    private final RunDescription run;
    private final Optional<Evaluator> evaluator;
    private final Optional<CheckpointFacts> resumed;
    private final long firstStep;
    private final long endStep;
    private final BatchPrefetcher batches;
    /// Not while it waits for the sampler.
    private final AtomicBoolean computing = new AtomicBoolean();
    private final LossMeter losses = new LossMeter();
    private LearningRate rate;
    private long lastCycle;
    private long tokens;
    private float firstLoss;
    private long trainedNanos;
    private NavigableMap<Integer, Float> holdOut = new TreeMap<>();

    /// What is trained.
    ///
    /// @param spec of the run, as text
    record Parts(
            RunDescription run, String spec, Transformer model, ModelState state, Optional<Checkpoints> checkpoints) {}

    TrainLoop(
            SamplerClient sampler,
            TrainSettings settings,
            TrainProgress progress,
            BooleanSupplier stopping,
            Parts parts,
            Optional<Evaluator> evaluator,
            Optional<CheckpointFacts> resumed) {
        this.sampler = sampler;
        this.settings = settings;
        this.progress = progress;
        this.stopping = stopping;
        this.parts = parts;
        this.run = parts.run();
        this.evaluator = evaluator;
        this.resumed = resumed;
        long wanted = settings.schedule().steps();
        this.firstStep = resumed.map(facts -> facts.step() + 1).orElse(0L);
        this.endStep = run.hasTotalSteps() ? Math.min(wanted, run.getTotalSteps()) : wanted;
        this.rate = rewarmed(settings.schedule().rate(endStep));
        this.lastCycle = resumed.map(CheckpointFacts::lastCycle).orElse(0L);
        this.tokens = resumed.map(CheckpointFacts::tokens).orElse(0L);
        this.firstLoss = resumed.map(CheckpointFacts::firstLoss).orElse(Float.NaN);
        this.batches =
                new BatchPrefetcher(step -> sampler.getBatch(request(step)), firstStep, endStep, settings.prefetch());
    }

    boolean isComputing() {
        return computing.get();
    }

    /// Makes a wait for the next batch end. Callable from any thread.
    void stopWaiting() {
        batches.close();
    }

    TrainReport run() {
        LOG.info(
                "training starts, run={} step={} end={} parameters={} engine={}",
                run.getName(),
                firstStep,
                endStep,
                parts.model().config().parameters(),
                Transformer.engine());
        long step = firstStep;
        String ended = firstStep < endStep
                ? "all " + endStep + " steps are trained"
                : "nothing to do: " + firstStep + " steps are trained already, and " + endStep + " were asked for";
        Saving saving = new Saving(settings.checkpoints().everySteps(), this::write, this::commit);
        try (batches) {
            while (step < endStep && !stopping.getAsBoolean()) {
                computing.set(false);
                long start = System.nanoTime();
                Batch batch = batches.next();
                computing.set(true);
                train(batch, start);
                step++;
                evaluate(step);
                saving.trained(batch);
            }
            if (step < endStep) {
                ended = "stopped";
            }
            saving.end();
        } catch (CancellationException e) {
            saving.end();
            ended = "stopped";
        } catch (SamplerClientException e) {
            saving.endBeforeFailing();
            throw e.code() == Status.Code.OUT_OF_RANGE
                    ? new TrainerException("the run ends before step " + step + ": " + e.getMessage(), e)
                    : e;
        }
        return report(step, ended);
    }

    private GetBatchRequest request(long step) {
        GetBatchRequest.Builder request =
                GetBatchRequest.newBuilder().setRun(run.getName()).setStep(step).setWithSources(true);
        if (step == firstStep) {
            resumed.ifPresent(facts -> request.setResume(
                    position(facts.step(), ByteString.copyFrom(HexFormat.of().parseHex(facts.manifestDigest())))));
        }
        return request.build();
    }

    private void train(Batch batch, long start) {
        rewarm(batch);
        double stepRate = rate.at(batch.getStep());
        StepResult result = parts.model()
                .step(
                        parts.state(),
                        TokenIds.of(batch),
                        stepRate,
                        settings.optimizer(),
                        settings.microTokens(),
                        stopping);
        if (!Float.isFinite(result.loss()) || !Float.isFinite(result.gradientNorm())) {
            throw new TrainerException("step " + batch.getStep() + " has loss " + result.loss() + " and gradient norm "
                    + result.gradientNorm()
                    + ": lower --learning-rate, and start again from a checkpoint before it");
        }
        if (Float.isNaN(firstLoss)) {
            firstLoss = result.loss();
        }
        lastCycle = batch.getCycle();
        SortedMap<String, Float> bySource = bySource(batch, result);
        losses.add(batch.getLength(), result.loss(), bySource);
        tokens += (long) batch.getRows() * batch.getLength();
        trainedNanos += System.nanoTime() - start;
        progress.trained(new TrainProgress.Step(
                batch.getStep(),
                endStep,
                batch.getCycle(),
                batch.getLength(),
                result.loss(),
                bySource,
                result.gradientNorm(),
                stepRate,
                tokens,
                trainedHere() / seconds(),
                seconds(),
                batches.waitedNanos() / NANOS));
    }

    /// The phases that began with a cycle are known from the checkpoint alone.
    private LearningRate rewarmed(LearningRate asAsked) {
        LearningRate result = asAsked;
        if (!settings.schedule().rewarmAtCycles().isEmpty() && resumed.isPresent()) {
            for (LearningRate.Phase phase : resumed.get().phases()) {
                if (phase.step() > 0 && result.phases().stream().noneMatch(known -> known.step() == phase.step())) {
                    result = result.rewarmedAt(phase.step());
                }
            }
        }
        return result;
    }

    private void rewarm(Batch batch) {
        boolean begins = settings.schedule().rewarmAtCycles().stream()
                .anyMatch(cycle -> lastCycle < cycle && cycle <= batch.getCycle());
        if (begins) {
            rate = rate.rewarmedAt(batch.getStep());
            LOG.info("the learning rate warms up anew, step={} cycle={}", batch.getStep(), batch.getCycle());
        }
    }

    private static SortedMap<String, Float> bySource(Batch batch, StepResult result) {
        SortedMap<String, MeanLoss> means = new TreeMap<>();
        for (int row = 0; row < batch.getRowSourcesCount(); row++) {
            means.computeIfAbsent(batch.getSources(batch.getRowSources(row)), _ -> new MeanLoss())
                    .add(result.loss(row));
        }
        SortedMap<String, Float> losses = new TreeMap<>();
        means.forEach((source, mean) -> losses.put(source, mean.value()));
        return losses;
    }

    private void evaluate(long stepsDone) {
        long every = settings.holdOut().everySteps();
        if (evaluator.isEmpty() || (stepsDone % every != 0 && stepsDone != endStep)) {
            return;
        }
        holdOut = evaluator.get().evaluate(parts.model(), parts.state());
        progress.evaluated(new TrainProgress.HoldOut(stepsDone - 1, tokens, seconds(), holdOut));
    }

    private void write(Batch batch) {
        computing.set(true);
        parts.checkpoints().ifPresent(directory -> {
            String digest = HexFormat.of().formatHex(batch.getManifestDigest().toByteArray());
            directory.write(
                    CheckpointFacts.of(
                            run.getName(),
                            run.getRunId(),
                            parts.spec(),
                            batch.getStep(),
                            digest,
                            parts.model().config(),
                            tokens,
                            firstLoss,
                            lastCycle,
                            rate.phases()),
                    parts.state().weights(),
                    parts.state().optimizer());
        });
    }

    private void commit(Batch batch) {
        computing.set(false);
        if (parts.checkpoints().isPresent()) {
            sampler.commit(run.getName(), position(batch.getStep(), batch.getManifestDigest()));
        }
    }

    private Position position(long step, ByteString manifestDigest) {
        return Position.newBuilder()
                .setRunId(run.getRunId())
                .setStep(step)
                .setManifestDigest(manifestDigest)
                .build();
    }

    private TrainReport report(long step, String ended) {
        return new TrainReport(
                firstStep,
                step - firstStep,
                trainedHere(),
                tokens,
                parts.model().config().parameters(),
                Float.isNaN(firstLoss) ? null : firstLoss,
                step == firstStep ? null : losses.last(),
                losses.byLength(),
                losses.bySource(),
                holdOut,
                seconds(),
                Math.min(1, batches.waitedNanos() / NANOS / seconds()),
                ended);
    }

    private long trainedHere() {
        return tokens - resumed.map(CheckpointFacts::tokens).orElse(0L);
    }

    private double seconds() {
        return Math.max(1, trainedNanos) / NANOS;
    }
}
