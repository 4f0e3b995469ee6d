package dev.dyadic.trainer;

import dev.dyadic.trainer.model.ModelState;
import dev.dyadic.trainer.model.Transformer;
import java.util.NavigableMap;

/// Looks at what a model has learnt. Called from the training thread.
@FunctionalInterface
public interface Evaluator {
    /// @return mean cross-entropy for each length, in nats; empty where there is nothing to look at
    NavigableMap<Integer, Float> evaluate(Transformer model, ModelState state);
}
