package dev.dyadic.deploy.experiment;

import dev.dyadic.trainer.Evaluator;
import dev.dyadic.trainer.HoldOutEvaluator;
import dev.dyadic.trainer.TrainProgress;
import dev.dyadic.trainer.model.ModelState;
import dev.dyadic.trainer.model.Transformer;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;

/// Looks at the hold-out in one training, and remembers what it saw.
final class HoldOutRecorder implements Evaluator, TrainProgress {
    private final HoldOutEvaluator holdOut;
    private final WholeDocuments documents;
    private final List<ExperimentResult.Look> looks = new ArrayList<>();
    private float documentLoss;

    HoldOutRecorder(HoldOutEvaluator holdOut, WholeDocuments documents) {
        this.holdOut = holdOut;
        this.documents = documents;
    }

    @Override
    public NavigableMap<Integer, Float> evaluate(Transformer model, ModelState state) {
        documentLoss = documents.loss(model, state);
        return holdOut.evaluate(model, state);
    }

    @Override
    public void trained(Step step) {
        // Only looks are remembered.
    }

    @Override
    public void evaluated(HoldOut look) {
        looks.add(new ExperimentResult.Look(
                look.step(), look.tokens(), look.seconds(), documentLoss, look.lossByLength()));
    }

    List<ExperimentResult.Look> all() {
        return List.copyOf(looks);
    }
}
