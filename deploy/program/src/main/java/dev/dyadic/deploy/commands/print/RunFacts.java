package dev.dyadic.deploy.commands.print;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.dyadic.v1.SamplerProto.Fork;
import dev.dyadic.v1.SamplerProto.Mixture;
import dev.dyadic.v1.SamplerProto.RunDescription;
import dev.dyadic.v1.SamplerProto.RunSpec;
import dev.dyadic.v1.SamplerProto.Split;
import dev.dyadic.v1.SamplerProto.Weighting;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A run for scripts.
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RunFacts(
        String name,
        long id,
        String kind,
        String extent,
        String curriculum,
        String weighting,
        String split,
        String start,
        String seed,
        long tokensPerStep,
        long minLength,
        long maxLength,
        List<StepRows> rowsOfStep,
        long cyclesPlanned,
        long stepsPlanned,
        @Nullable Long totalSteps,
        @Nullable Long committedStep,
        String tokenizer,
        int vocabularySize,
        String mixture,
        boolean closed,
        List<String> forks,
        @Nullable String forkedFrom,
        String inForce,
        boolean amended) {
    public static RunFacts of(RunDescription run) {
        RunSpec spec = run.getSpec();
        return new RunFacts(
                run.getName(),
                run.getRunId(),
                spec.hasBounded() ? "bounded" : "live",
                extent(spec),
                curriculum(spec),
                weighting(spec),
                spec.getSplit() == Split.SPLIT_HOLDOUT ? "holdout" : "train",
                spec.getStart(),
                Long.toUnsignedString(spec.getSeed()),
                spec.getTokensPerStep(),
                spec.getMinLength(),
                spec.getMaxLength(),
                StepRows.of(spec),
                run.getCyclesPlanned(),
                run.getStepsPlanned(),
                run.hasTotalSteps() ? run.getTotalSteps() : null,
                run.hasCommitted() ? run.getCommitted().getStep() : null,
                run.getFormat().getTokenizer(),
                run.getFormat().getVocabularySize(),
                mixture(spec),
                run.getClosed(),
                run.getForksList(),
                run.hasFork() ? fork(run.getFork()) : null,
                policy(run.getInForce()),
                !policy(run.getInForce()).equals(policy(spec)));
    }

    /// How many rows a step of a length has: with more ranks, some have none of the step's.
    public record StepRows(long length, long rows) {
        static List<StepRows> of(RunSpec spec) {
            List<StepRows> found = new ArrayList<>();
            for (long length = Math.max(1, spec.getMinLength()); length <= spec.getMaxLength(); length *= 2) {
                found.add(new StepRows(length, spec.getTokensPerStep() / length));
            }
            return found;
        }
    }

    private static String policy(RunSpec spec) {
        return "curriculum " + curriculum(spec) + ", weighting " + weighting(spec) + ", mixture " + mixture(spec);
    }

    private static String curriculum(RunSpec spec) {
        return spec.getOddsCount() == 0
                ? spec.getCurriculum()
                : spec.getCurriculum() + " " + String.join(",", spec.getOddsList());
    }

    private static String weighting(RunSpec spec) {
        return spec.getWeighting() == Weighting.WEIGHTING_ODDS ? "odds" : "odds-times-steps";
    }

    private static String mixture(RunSpec spec) {
        if (!spec.hasMixture()) {
            return "natural";
        }
        Mixture mixture = spec.getMixture();
        List<String> parts = new ArrayList<>();
        new TreeMap<>(mixture.getSourcesMap()).forEach((source, weight) -> parts.add(source + "=" + weight));
        if (!parts.isEmpty()) {
            parts.add("others=" + mixture.getOtherSources());
        }
        if (mixture.getLengthsCount() > 0) {
            parts.add("lengths " + mixture.getLengthsList());
        }
        if (mixture.getBacklogTokens() > 0) {
            parts.add("backlog " + mixture.getBacklogTokens() + " tokens");
        }
        return String.join(", ", parts);
    }

    private static String fork(Fork fork) {
        return fork.getParent() + " at step " + fork.getStep()
                + (fork.getSkip() == 0 ? "" : ", skipping " + Texts.count(fork.getSkip(), "step"));
    }

    private static String extent(RunSpec spec) {
        return spec.hasBounded()
                ? "bounded, " + Texts.count(spec.getBounded().getCycles(), "cycle") + " a pass, "
                        + (spec.getBounded().getPasses() == 1
                                ? "1 pass"
                                : spec.getBounded().getPasses() + " passes")
                : String.format(
                        Locale.ROOT,
                        "live, cycles of %,d tokens; after %s s of waiting, %,d are enough",
                        spec.getLive().getCycleTokens(),
                        BigDecimal.valueOf(spec.getLive().getMaxWaitMillis(), 3)
                                .stripTrailingZeros()
                                .toPlainString(),
                        Math.max(spec.getLive().getMinCycleTokens(), spec.getTokensPerStep()));
    }
}
