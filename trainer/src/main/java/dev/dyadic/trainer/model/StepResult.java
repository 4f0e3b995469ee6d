package dev.dyadic.trainer.model;

/// What came of one step.
public final class StepResult {
    private final float[] rowLosses;
    private final float loss;
    private final float gradientNorm;

    StepResult(float[] rowLosses, float gradientNorm) {
        this.rowLosses = rowLosses;
        this.gradientNorm = gradientNorm;
        double sum = 0;
        for (float rowLoss : rowLosses) {
            sum += rowLoss;
        }
        this.loss = (float) (sum / rowLosses.length);
    }

    /// Mean cross-entropy over all targets, in nats.
    public float loss() {
        return loss;
    }

    /// The loss of one row.
    public float loss(int row) {
        return rowLosses[row];
    }

    public int rows() {
        return rowLosses.length;
    }

    /// The norm of all gradients together, before clipping.
    public float gradientNorm() {
        return gradientNorm;
    }
}
