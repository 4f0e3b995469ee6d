package dev.dyadic.trainer.model;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/// The model on a device. Owned by one thread.
public final class Transformer implements AutoCloseable {
    private final ModelConfig config;
    private final PtNDManager manager;
    private final PtSymbolBlock module;

    /// Loss and gradient norm of one step.
    ///
    /// @param loss mean cross-entropy over all targets, in nats
    /// @param gradientNorm before clipping
    public record StepResult(float loss, float gradientNorm) {}

    private Transformer(ModelConfig config, PtNDManager manager, PtSymbolBlock module) {
        this.config = config;
        this.manager = manager;
        this.module = module;
    }

    /// Loads the module that the config describes.
    ///
    /// @param threads of one operator; 0: the engine's default
    public static Transformer load(ModelConfig config, int threads) {
        System.setProperty("ai.djl.offline", "true");
        PtNDManager manager = (PtNDManager) Engine.getEngine("PyTorch").newBaseManager(Device.cpu());
        if (threads > 0) {
            JniUtils.setNumThreads(threads);
        }
        byte[] archive = ScriptArchive.of(TransformerScript.CLASS, TransformerScript.of(config));
        try {
            PtSymbolBlock module = JniUtils.loadModule(manager, new ByteArrayInputStream(archive), true, false);
            return new Transformer(config, manager, module);
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory failed", e);
        }
    }

    public ModelConfig config() {
        return config;
    }

    public NDManager manager() {
        return manager;
    }

    public ModelState initialState(long seed) {
        return ModelState.initial(config, manager, seed);
    }

    public ModelState state(Map<String, NDArray> named) {
        return ModelState.of(config, manager, named);
    }

    /// One optimizer step on a batch, in place. The batch is cut into micro-batches, so that memory does not grow with
    /// it.
    ///
    /// @param tokens ids `(rows, length + 1)`, row-major
    /// @param microTokens positions of a micro-batch, or one row if that is more
    /// @param stop asked between micro-batches: the step is abandoned, and the weights stay as they were before it
    /// @throws CancellationException if it was stopped; the state's gradients are of no more use then
    public StepResult step(
            ModelState state, TokenRows tokens, double rate, AdamW optimizer, int microTokens, BooleanSupplier stop) {
        int rowsAtOnce = Math.max(1, microTokens / tokens.length());
        float loss = 0;
        for (int first = 0; first < tokens.rows(); first += rowsAtOnce) {
            if (stop.getAsBoolean()) {
                throw new CancellationException("the step was stopped");
            }
            int rows = Math.min(rowsAtOnce, tokens.rows() - first);
            loss += backward(state, tokens, first, rows);
        }
        return new StepResult(loss, update(state, rate, optimizer));
    }

    /// Adds the gradients of some rows, and returns their part of the batch's loss.
    private float backward(ModelState state, TokenRows tokens, int first, int rows) {
        try (NDManager scope = manager.newSubManager()) {
            Arguments arguments = new Arguments(scope, "backward");
            arguments.tensor("tokens", tokens.toArray(scope, first, rows));
            arguments.tensors("matrices[]", state.matrices().weights());
            arguments.tensors("matrixGradients[]", state.matrices().gradients());
            arguments.tensors("scales[]", state.scales().weights());
            arguments.tensors("scaleGradients[]", state.scales().gradients());
            arguments.tensor("numbers", scope.create(new double[] {(double) rows / tokens.rows()}));
            return arguments.run(true)[0];
        }
    }

    /// Clips the gradients, takes the step, and clears them.
    private float update(ModelState state, double rate, AdamW optimizer) {
        try (NDManager scope = manager.newSubManager()) {
            double[] numbers = {
                rate,
                optimizer.weightDecay(),
                optimizer.beta1(),
                optimizer.beta2(),
                optimizer.epsilon(),
                optimizer.clipNorm()
            };
            Arguments arguments = new Arguments(scope, "update");
            arguments.group("matrix", state.matrices());
            arguments.group("scale", state.scales());
            arguments.tensor("numbers", scope.create(numbers));
            return arguments.run(false)[0];
        }
    }

    /// Mean cross-entropy over all targets, in nats.
    public float loss(ModelState state, TokenRows tokens) {
        try (NDManager scope = manager.newSubManager()) {
            Arguments arguments = new Arguments(scope, "evaluate");
            arguments.tensor("tokens", tokens.toArray(scope, 0, tokens.rows()));
            arguments.tensors("matrices[]", state.matrices().weights());
            arguments.tensors("scales[]", state.scales().weights());
            return arguments.run(false)[0];
        }
    }

    @Override
    public void close() {
        module.close();
        manager.close();
    }

    /// Token ids of a batch.
    public static final class TokenRows {
        private final long[] ids;
        private final int rows;

        /// Takes the array over.
        public TokenRows(long[] ids, int rows) {
            if (rows < 1 || ids.length % rows != 0) {
                throw new IllegalArgumentException(ids.length + " ids do not make " + rows + " rows");
            }
            this.ids = ids;
            this.rows = rows;
        }

        int rows() {
            return rows;
        }

        /// Positions of a row: one less than its ids.
        int length() {
            return ids.length / rows - 1;
        }

        NDArray toArray(NDManager scope, int first, int count) {
            int width = ids.length / rows;
            return scope.create(
                    Arrays.copyOfRange(ids, first * width, (first + count) * width), new Shape(count, width));
        }
    }

    /// Arguments of one call: the engine tells the method, and which arrays make a list, by the arrays' names.
    private final class Arguments {
        private final NDManager scope;
        private final NDList list = new NDList();

        Arguments(NDManager scope, String method) {
            this.scope = scope;
            tensor("module_method:" + method, scope.create(0f));
        }

        void tensor(String name, NDArray array) {
            array.setName(name);
            list.add(array);
        }

        void tensors(String name, List<NDArray> arrays) {
            arrays.forEach(array -> tensor(name, array));
        }

        void group(String name, ModelState.Group group) {
            tensors(name + "Weights[]", group.weights());
            tensors(name + "Gradients[]", group.gradients());
            tensors(name + "Firsts[]", group.firsts());
            tensors(name + "Seconds[]", group.seconds());
            tensors(name + "Counts[]", group.counts());
        }

        float[] run(boolean withGradients) {
            // The engine records gradients on a thread only when told so.
            JniUtils.setGradMode(withGradients);
            NDList result = IValueUtils.forward(module, list, withGradients);
            result.attach(scope);
            return result.singletonOrThrow().toFloatArray();
        }
    }
}
