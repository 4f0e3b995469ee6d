package dev.dyadic.deploy.experiment;

import java.util.List;
import java.util.NavigableMap;
import java.util.OptionalDouble;
import java.util.TreeMap;

/// What came of an experiment.
///
/// @param steps that each variant was trained for
/// @param tokens that each variant was trained on
public record ExperimentResult(
        String text,
        long documents,
        long textBytes,
        String tokenizer,
        String model,
        long parameters,
        int minLength,
        int maxLength,
        long tokensPerStep,
        long steps,
        long tokens,
        List<Trained> variants) {
    public ExperimentResult {
        variants = List.copyOf(variants);
    }

    /// @param seconds of training, without looks at the hold-out
    /// @param trainLoss mean of the last five steps
    public record Trained(
            Variant variant,
            double seconds,
            double waitedPart,
            float trainLoss,
            NavigableMap<Integer, Long> stepsByLength,
            List<Look> looks) {
        public Trained {
            stepsByLength = new TreeMap<>(stepsByLength);
            looks = List.copyOf(looks);
        }

        public Look last() {
            return looks.getLast();
        }
    }

    /// A look at the hold-out.
    ///
    /// @param documentLoss mean over all tokens of whole documents
    public record Look(
            long step, long tokens, double seconds, float documentLoss, NavigableMap<Integer, Float> lossByLength) {
        public Look {
            lossByLength = new TreeMap<>(lossByLength);
        }
    }

    /// What the others are held against.
    public Trained baseline() {
        return variants.getFirst();
    }

    /// Training time next to the baseline's.
    public double timeRatio(Trained trained) {
        return trained.seconds() / baseline().seconds();
    }

    /// When a variant first had the loss over whole documents that the baseline ends with; straight lines between
    /// looks. Empty where it never had.
    public OptionalDouble secondsToBaselineLoss(Trained trained) {
        float wanted = baseline().last().documentLoss();
        Look before = null;
        for (Look look : trained.looks()) {
            if (look.documentLoss() <= wanted) {
                if (before == null) {
                    return OptionalDouble.of(look.seconds());
                }
                double part = (before.documentLoss() - wanted) / (before.documentLoss() - look.documentLoss());
                return OptionalDouble.of(before.seconds() + part * (look.seconds() - before.seconds()));
            }
            before = look;
        }
        return OptionalDouble.empty();
    }
}
