package dev.dyadic.trainer;

import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.sampler.client.SamplerClientException;
import dev.dyadic.trainer.model.ModelState;
import dev.dyadic.trainer.model.TokenRows;
import dev.dyadic.trainer.model.Transformer;
import dev.dyadic.v1.SamplerProto.Batch;
import dev.dyadic.v1.SamplerProto.Bounded;
import dev.dyadic.v1.SamplerProto.GetBatchRequest;
import dev.dyadic.v1.SamplerProto.RunDescription;
import dev.dyadic.v1.SamplerProto.RunSpec;
import dev.dyadic.v1.SamplerProto.Split;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The loss on rows of the hold-out, for each length. They are those of a bounded run, `NAME.holdout`, that is opened
/// once: every look, of every start, sees the same rows.
public final class HoldOutEvaluator implements Evaluator {
    private static final Logger LOG = LoggerFactory.getLogger(HoldOutEvaluator.class);
    private static final String SUFFIX = ".holdout";
    private static final String CURRICULUM = "uniform";

    private final int microTokens;
    private final List<Part> parts;

    private record Part(int length, TokenRows rows) {}

    private HoldOutEvaluator(int microTokens, List<Part> parts) {
        this.microTokens = microTokens;
        this.parts = parts;
    }

    /// Fetches the rows; they stay in memory.
    ///
    /// @param run whose corpus and lengths are taken
    /// @param maxSteps of as many tokens as the longest length
    public static HoldOutEvaluator open(SamplerClient sampler, RunDescription run, long maxSteps, int microTokens) {
        RunSpec spec = RunSpec.newBuilder()
                .setTokensPerStep(run.getSpec().getMaxLength())
                .setMinLength(run.getSpec().getMinLength())
                .setMaxLength(run.getSpec().getMaxLength())
                .setCurriculum(CURRICULUM)
                .setSplit(Split.SPLIT_HOLDOUT)
                .setBounded(Bounded.getDefaultInstance())
                .build();
        List<Part> parts = new ArrayList<>();
        try {
            RunDescription holdOut = sampler.openRun(run.getName() + SUFFIX, spec);
            long steps = Math.min(maxSteps, holdOut.getTotalSteps());
            for (long step = 0; step < steps; step++) {
                Batch batch = sampler.getBatch(GetBatchRequest.newBuilder()
                        .setRun(holdOut.getName())
                        .setStep(step)
                        .setLooking(true)
                        .build());
                parts.add(new Part(batch.getLength(), TokenIds.of(batch)));
            }
        } catch (SamplerClientException e) {
            if (e.code() != Status.Code.FAILED_PRECONDITION) {
                throw e;
            }
            LOG.warn("the hold-out cannot be looked at: {}", e.getMessage());
        }
        return new HoldOutEvaluator(microTokens, parts);
    }

    /// Steps that a look has.
    public int steps() {
        return parts.size();
    }

    @Override
    public NavigableMap<Integer, Float> evaluate(Transformer model, ModelState state) {
        NavigableMap<Integer, MeanLoss> means = new TreeMap<>();
        for (Part part : parts) {
            MeanLoss mean = means.computeIfAbsent(part.length(), _ -> new MeanLoss());
            for (float loss : model.evaluate(state, part.rows(), microTokens)) {
                mean.add(loss);
            }
        }
        NavigableMap<Integer, Float> losses = new TreeMap<>();
        means.forEach((length, mean) -> losses.put(length, mean.value()));
        return losses;
    }
}
