package dev.dyadic.trainer;

import com.google.protobuf.TextFormat;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.trainer.checkpoint.CheckpointFacts;
import dev.dyadic.trainer.checkpoint.Checkpoints;
import dev.dyadic.trainer.model.ModelConfig;
import dev.dyadic.trainer.model.ModelState;
import dev.dyadic.trainer.model.Transformer;
import dev.dyadic.v1.SamplerProto.RunDescription;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Trains a model on a run's batches, from the newest checkpoint on. Runs on the caller's thread.
public final class Trainer {
    private static final String NEXT_TOKEN = "next-token";

    private final SamplerClient sampler;
    private final TrainSettings settings;
    private final TrainProgress progress;
    private final Optional<Evaluator> evaluator;
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final AtomicReference<@Nullable TrainLoop> running = new AtomicReference<>();

    /// Whether this program has PyTorch's libraries: those that it is packed with, or others that the environment
    /// names.
    public static boolean isAvailable() {
        return Transformer.hasLibraries();
    }

    /// Looks at the corpus's own hold-out.
    public Trainer(SamplerClient sampler, TrainSettings settings, TrainProgress progress) {
        this(sampler, settings, progress, Optional.empty());
    }

    /// @param evaluator empty: the corpus's own hold-out
    public Trainer(
            SamplerClient sampler, TrainSettings settings, TrainProgress progress, Optional<Evaluator> evaluator) {
        this.sampler = sampler;
        this.settings = settings;
        this.progress = progress;
        this.evaluator = evaluator;
    }

    /// Ends the training after the step at hand, with a checkpoint; a wait for the next batch ends at once. Callable
    /// from any thread.
    public void stop() {
        stopping.set(true);
        TrainLoop loop = running.get();
        if (loop != null) {
            loop.stopWaiting();
        }
    }

    /// Whether PyTorch computes, or a checkpoint is written: what must not be cut off. Callable from any thread.
    public boolean isComputing() {
        TrainLoop loop = running.get();
        return loop != null && loop.isComputing();
    }

    public TrainReport train() {
        RunDescription run = sampler.describeRun(settings.run());
        if (!run.getFormat().getLayout().equals(NEXT_TOKEN)) {
            throw new TrainerException("this trainer needs a corpus with layout " + NEXT_TOKEN + ", but run "
                    + settings.run() + " has layout " + run.getFormat().getLayout());
        }
        TrainSettings.Model wanted = settings.model();
        ModelConfig config = ModelConfig.named(
                wanted.name(), run.getFormat().getVocabularySize(), wanted.rotaryBase(), wanted.tied());
        Optional<Checkpoints> checkpoints = settings.checkpoints()
                .directory()
                .map(directory ->
                        new Checkpoints(directory, settings.checkpoints().keep()));
        Optional<Checkpoints.Found> found = checkpoints.flatMap(Checkpoints::latest);
        found.ifPresent(checkpoint -> requireMatching(checkpoint, run, config));
        start(run, config);
        try (Transformer model = Transformer.load(config, settings.device())) {
            ModelState state = found.isPresent()
                    ? model.state(checkpoints.orElseThrow().read(found.get(), model.manager()))
                    : model.initialState(wanted.seed());
            model.probe(state, run.getSpec().getMaxLength(), settings.microTokens());
            TrainLoop loop = new TrainLoop(
                    sampler,
                    settings,
                    progress,
                    stopping::get,
                    new TrainLoop.Parts(
                            run,
                            TextFormat.printer().emittingSingleLine(true).printToString(run.getSpec()),
                            model,
                            state,
                            checkpoints),
                    evaluator(run),
                    found.map(Checkpoints.Found::facts));
            running.set(loop);
            return loop.run();
        }
    }

    private void start(RunDescription run, ModelConfig config) {
        boolean onCpu = settings.device().accelerator().isEmpty();
        TrainMemory memory = TrainMemory.of(config, run.getSpec().getMaxLength(), settings.microTokens());
        long available = TrainMemory.availableBytes();
        progress.starting(new TrainProgress.Start(config.parameters(), onCpu ? memory.neededBytes() : 0, available));
        if (onCpu && settings.checksMemory()) {
            memory.require(available, settings.microTokens());
        }
    }

    private Optional<Evaluator> evaluator(RunDescription run) {
        TrainSettings.HoldOut holdOut = settings.holdOut();
        if (holdOut.everySteps() == 0) {
            return Optional.empty();
        }
        if (evaluator.isPresent()) {
            return evaluator;
        }
        HoldOutEvaluator own = HoldOutEvaluator.open(sampler, run, holdOut.steps(), settings.microTokens());
        return own.steps() == 0 ? Optional.empty() : Optional.of(own);
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
}
