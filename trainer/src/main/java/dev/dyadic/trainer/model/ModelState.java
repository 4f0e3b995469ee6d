package dev.dyadic.trainer.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;

/// Weights and what the optimizer keeps beside them. The arrays are changed in place by [Transformer#step].
public final class ModelState {
    private static final double INIT_DEVIATION = 0.02;
    private static final String FIRST = "first.";
    private static final String SECOND = "second.";
    private static final String COUNT = "count.";

    private final List<Slot> slots;
    private final Group matrices;
    private final Group scales;

    /// One parameter.
    ///
    /// @param first mean of the gradients
    /// @param second mean of their squares
    /// @param count optimizer steps
    /// @param gradient summed over the micro-batches of a step; zero between steps
    private record Slot(
            Parameter parameter, NDArray weight, NDArray first, NDArray second, NDArray count, NDArray gradient) {}

    /// The arrays of all matrices, or of all scales, in the order of the parameters.
    record Group(
            List<NDArray> weights,
            List<NDArray> gradients,
            List<NDArray> firsts,
            List<NDArray> seconds,
            List<NDArray> counts) {}

    private ModelState(List<Slot> slots) {
        this.slots = slots;
        this.matrices = group(slots, true);
        this.scales = group(slots, false);
    }

    /// Normal weights with deviation 0.02, projections into the residual stream scaled by `1/sqrt(2 * layers)`; scales
    /// are 1.
    static ModelState initial(ModelConfig config, NDManager manager, long seed) {
        Random random = new Random(seed);
        List<Slot> slots = new ArrayList<>();
        for (Parameter parameter : config.parameterList()) {
            float[] values = new float[Math.toIntExact(parameter.size())];
            boolean residual = parameter.name().endsWith("o_proj.weight")
                    || parameter.name().endsWith("down_proj.weight");
            double deviation = residual ? INIT_DEVIATION / Math.sqrt(2.0 * config.layers()) : INIT_DEVIATION;
            for (int i = 0; i < values.length; i++) {
                values[i] = parameter.isMatrix() ? (float) (random.nextGaussian() * deviation) : 1f;
            }
            slots.add(new Slot(
                    parameter,
                    manager.create(values, parameter.shape()),
                    manager.zeros(parameter.shape(), DataType.FLOAT32),
                    manager.zeros(parameter.shape(), DataType.FLOAT32),
                    manager.zeros(new Shape(), DataType.FLOAT32),
                    manager.zeros(parameter.shape(), DataType.FLOAT32)));
        }
        return new ModelState(slots);
    }

    /// From named arrays, as [#weights] and [#optimizer] give them.
    static ModelState of(ModelConfig config, NDManager manager, Map<String, NDArray> named) {
        List<Slot> slots = new ArrayList<>();
        for (Parameter parameter : config.parameterList()) {
            String name = parameter.name();
            slots.add(new Slot(
                    parameter,
                    take(named, name, parameter.shape()),
                    take(named, FIRST + name, parameter.shape()),
                    take(named, SECOND + name, parameter.shape()),
                    take(named, COUNT + name, new Shape()),
                    manager.zeros(parameter.shape(), DataType.FLOAT32)));
        }
        return new ModelState(slots);
    }

    /// Weights by Llama's names.
    public Map<String, NDArray> weights() {
        return named(Slot::weight);
    }

    /// Gradients by the names of the weights.
    public Map<String, NDArray> gradients() {
        return named(Slot::gradient);
    }

    /// What the optimizer keeps: `first.`, `second.` and `count.` before the names of the weights.
    public Map<String, NDArray> optimizer() {
        Map<String, NDArray> named = new LinkedHashMap<>();
        for (Slot slot : slots) {
            String name = slot.parameter().name();
            named.put(FIRST + name, slot.first());
            named.put(SECOND + name, slot.second());
            named.put(COUNT + name, slot.count());
        }
        return named;
    }

    Group matrices() {
        return matrices;
    }

    Group scales() {
        return scales;
    }

    private Map<String, NDArray> named(Function<Slot, NDArray> array) {
        Map<String, NDArray> named = new LinkedHashMap<>();
        slots.forEach(slot -> named.put(slot.parameter().name(), array.apply(slot)));
        return named;
    }

    private static Group group(List<Slot> slots, boolean matrices) {
        List<Slot> chosen = slots.stream()
                .filter(slot -> slot.parameter().isMatrix() == matrices)
                .toList();
        return new Group(
                chosen.stream().map(Slot::weight).toList(),
                chosen.stream().map(Slot::gradient).toList(),
                chosen.stream().map(Slot::first).toList(),
                chosen.stream().map(Slot::second).toList(),
                chosen.stream().map(Slot::count).toList());
    }

    private static NDArray take(Map<String, NDArray> named, String name, Shape shape) {
        NDArray array = named.get(name);
        if (array == null || !array.getShape().equals(shape)) {
            throw new IllegalArgumentException("expected an array " + name + " of shape " + shape + ", but "
                    + (array == null ? "there is none" : "its shape is " + array.getShape()));
        }
        return array;
    }
}
