package dev.dyadic.deploy.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.dyadic.v1.RunDescription;
import dev.dyadic.v1.RunSpec;
import dev.dyadic.v1.Split;
import dev.dyadic.v1.Weighting;
import org.jspecify.annotations.Nullable;

/// A run for scripts.
@JsonInclude(JsonInclude.Include.NON_NULL)
record RunFacts(
        String name,
        long id,
        String extent,
        String curriculum,
        String weighting,
        String split,
        String start,
        String seed,
        long tokensPerStep,
        long minLength,
        long maxLength,
        long cyclesPlanned,
        long stepsPlanned,
        @Nullable Long totalSteps,
        @Nullable Long committedStep,
        String tokenizer,
        int vocabularySize) {
    static RunFacts of(RunDescription run) {
        RunSpec spec = run.getSpec();
        String curriculum = spec.getOddsCount() == 0
                ? spec.getCurriculum()
                : spec.getCurriculum() + " " + String.join(",", spec.getOddsList());
        return new RunFacts(
                run.getName(),
                run.getRunId(),
                extent(spec),
                curriculum,
                spec.getWeighting() == Weighting.WEIGHTING_ODDS ? "odds" : "odds-times-steps",
                spec.getSplit() == Split.SPLIT_HOLDOUT ? "holdout" : "train",
                spec.getStart(),
                Long.toUnsignedString(spec.getSeed()),
                spec.getTokensPerStep(),
                spec.getMinLength(),
                spec.getMaxLength(),
                run.getCyclesPlanned(),
                run.getStepsPlanned(),
                run.hasTotalSteps() ? run.getTotalSteps() : null,
                run.hasCommitted() ? run.getCommitted().getStep() : null,
                run.getFormat().getTokenizer(),
                run.getFormat().getVocabularySize());
    }

    private static String extent(RunSpec spec) {
        return spec.hasBounded()
                ? "bounded, " + spec.getBounded().getCycles() + " cycles, "
                        + spec.getBounded().getPasses() + " passes"
                : "live, cycles of " + spec.getLive().getCycleTokens() + " tokens; after "
                        + spec.getLive().getMaxWaitMillis() + " ms of waiting, "
                        + Math.max(spec.getLive().getMinCycleTokens(), spec.getTokensPerStep()) + " are enough";
    }
}
