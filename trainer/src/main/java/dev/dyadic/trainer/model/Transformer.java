package dev.dyadic.trainer.model;

import ai.djl.Device;
import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import dev.dyadic.trainer.TrainerException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;

/// The model on a device. Owned by one thread.
public final class Transformer implements AutoCloseable {
    private final ModelConfig config;
    private final PtNDManager manager;
    private final PtSymbolBlock module;

    private Transformer(ModelConfig config, PtNDManager manager, PtSymbolBlock module) {
        this.config = config;
        this.manager = manager;
        this.module = module;
    }

    /// Whether the engine finds its native libraries: on the class path, or where `PYTORCH_LIBRARY_PATH` points.
    public static boolean hasLibraries() {
        ClassLoader loader = Transformer.class.getClassLoader();
        boolean packed = loader.getResource("native/lib/pytorch.properties") != null;
        boolean bridge = loader.getResource("jnilib/pytorch.properties") != null;
        return bridge && (packed || System.getenv("PYTORCH_LIBRARY_PATH") != null);
    }

    /// Loads the module that the config describes.
    public static Transformer load(ModelConfig config, TransformerOptions options) {
        if (!hasLibraries()) {
            throw new TrainerException("PyTorch's libraries are not part of this installation: with pip, install"
                    + " 'dyadic_service[train]'; with containers, take the image dyadic-trainer; or name a LibTorch by"
                    + " PYTORCH_LIBRARY_PATH, PYTORCH_VERSION and PYTORCH_FLAVOR (docs/how-to/train.md)");
        }
        System.setProperty("ai.djl.offline", "true");
        Engine engine = Engine.getEngine("PyTorch");
        PtNDManager manager = (PtNDManager) engine.newBaseManager(device(engine, options));
        if (options.threads() > 0) {
            JniUtils.setNumThreads(options.threads());
        }
        byte[] archive = ScriptArchive.of(TransformerScript.CLASS, TransformerScript.of(config, options));
        try {
            PtSymbolBlock module = JniUtils.loadModule(manager, new ByteArrayInputStream(archive), true, false);
            return new Transformer(config, manager, module);
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory failed", e);
        }
    }

    /// What runs the model: the library's version, and where it is from.
    public static String engine() {
        System.setProperty("ai.djl.offline", "true");
        Engine engine = Engine.getEngine("PyTorch");
        String own = System.getenv("PYTORCH_LIBRARY_PATH");
        return "PyTorch " + engine.getVersion() + (own == null ? "" : " from " + own);
    }

    private static Device device(Engine engine, TransformerOptions options) {
        if (options.accelerator().isEmpty()) {
            return Device.cpu();
        }
        int wanted = options.accelerator().getAsInt();
        int there = engine.getGpuCount();
        if (wanted >= there) {
            throw new TrainerException("device cuda:" + wanted + " was asked for, but PyTorch " + engine.getVersion()
                    + " sees " + there + " of them: build with -Pcuda, or name a LibTorch with CUDA by"
                    + " PYTORCH_LIBRARY_PATH, PYTORCH_VERSION and PYTORCH_FLAVOR (docs/how-to/train.md)");
        }
        return Device.gpu(wanted);
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

    /// One optimizer step on a batch, in place: gradients of all its rows, then the update.
    ///
    /// @param microTokens positions of a micro-batch, or one row if that is more: what memory grows with
    /// @param stop asked between micro-batches: the step is abandoned, and the weights stay as they were before it
    /// @throws CancellationException if it was stopped; the state's gradients are then useless
    public StepResult step(
            ModelState state, TokenRows tokens, double rate, AdamW optimizer, int microTokens, BooleanSupplier stop) {
        float[] rowLosses = accumulate(state, tokens, microTokens, stop);
        return new StepResult(rowLosses, update(state, rate, optimizer));
    }

    /// Adds the gradients of the mean loss over all rows to the state's, and returns each row's mean loss, in nats.
    ///
    /// @throws CancellationException as [#step]
    public float[] accumulate(ModelState state, TokenRows tokens, int microTokens, BooleanSupplier stop) {
        float[] losses = new float[tokens.rows()];
        int rowsAtOnce = Math.max(1, microTokens / tokens.length());
        for (int first = 0; first < tokens.rows(); first += rowsAtOnce) {
            if (stop.getAsBoolean()) {
                throw new CancellationException("the step was stopped");
            }
            int rows = Math.min(rowsAtOnce, tokens.rows() - first);
            try (NDManager scope = manager.newSubManager()) {
                Arguments arguments = new Arguments(scope, "backward");
                arguments.tensor("tokens", tokens.toArray(scope, first, rows));
                arguments.tensors("matrices[]", state.matrices().weights());
                arguments.tensors("matrixGradients[]", state.matrices().gradients());
                arguments.tensors("scales[]", state.scales().weights());
                arguments.tensors("scaleGradients[]", state.scales().gradients());
                arguments.tensor("numbers", scope.create(new double[] {(double) rows / tokens.rows()}));
                System.arraycopy(arguments.run(true), 0, losses, first, rows);
            }
        }
        return losses;
    }

    /// Clips the gradients, takes the optimizer's step, and clears them.
    ///
    /// @return the gradients' global norm before clipping
    public float update(ModelState state, double rate, AdamW optimizer) {
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

    /// Mean cross-entropy of each row, in nats.
    public float[] evaluate(ModelState state, TokenRows tokens, int microTokens) {
        float[] losses = new float[tokens.rows()];
        int rowsAtOnce = Math.max(1, microTokens / tokens.length());
        for (int first = 0; first < tokens.rows(); first += rowsAtOnce) {
            int rows = Math.min(rowsAtOnce, tokens.rows() - first);
            try (NDManager scope = manager.newSubManager()) {
                Arguments arguments = new Arguments(scope, "evaluate");
                arguments.tensor("tokens", tokens.toArray(scope, first, rows));
                arguments.tensors("matrices[]", state.matrices().weights());
                arguments.tensors("scales[]", state.scales().weights());
                System.arraycopy(arguments.run(false), 0, losses, first, rows);
            }
        }
        return losses;
    }

    /// Logits `(rows, tokens per row, padded vocabulary)`, row-major, of all ids that are given.
    public float[] logits(ModelState state, TokenRows tokens) {
        try (NDManager scope = manager.newSubManager()) {
            Arguments arguments = new Arguments(scope, "logits");
            arguments.tensor("inputs", tokens.toArray(scope, 0, tokens.rows()));
            arguments.tensors("matrices[]", state.matrices().weights());
            arguments.tensors("scales[]", state.scales().weights());
            return arguments.run(false);
        }
    }

    /// Takes the gradients of a batch of this length once and forgets them: what does not fit fails here.
    ///
    /// @throws TrainerException if the device has not enough memory
    public void probe(ModelState state, int length, int microTokens) {
        int rows = Math.max(1, microTokens / length);
        try {
            accumulate(state, new TokenRows(new long[rows * (length + 1)], rows), microTokens, () -> false);
        } catch (EngineException e) {
            if (!isOutOfMemory(e)) {
                throw e;
            }
            throw new TrainerException(
                    "not enough memory for " + rows + (rows == 1 ? " row" : " rows") + " of length " + length
                            + " at once: lower --micro-tokens (it is " + microTokens
                            + "), take a smaller --model, or open a run with a smaller --max-length",
                    e);
        }
        try (NDManager scope = manager.newSubManager()) {
            Arguments arguments = new Arguments(scope, "clear");
            arguments.tensors("matrixGradients[]", state.matrices().gradients());
            arguments.tensors("scaleGradients[]", state.scales().gradients());
            arguments.run(false);
        }
    }

    static boolean isOutOfMemory(EngineException e) {
        String message = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        return message.contains("out of memory") || message.contains("can't allocate memory");
    }

    @Override
    public void close() {
        module.close();
        manager.close();
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
