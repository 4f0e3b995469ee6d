package dev.dyadic.deploy.commands.options;

import dev.dyadic.proto.InvalidException;
import dev.dyadic.trainer.TrainSettings;
import dev.dyadic.trainer.model.AdamW;
import dev.dyadic.trainer.model.ModelConfig;
import dev.dyadic.trainer.model.Precision;
import dev.dyadic.trainer.model.TransformerOptions;
import java.util.List;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/// Options of the model, its optimizer, and what runs it.
public final class ModelOptions {
    private static final Pattern CUDA = Pattern.compile("cuda(?::(\\d{1,3}))?");

    @Option(
            names = "--model",
            paramLabel = "SIZE",
            defaultValue = "tiny",
            description =
                    "tiny, small, 160m, 410m, 1b, or hidden=512,layers=8,heads=8,feed-forward=1408; default ${DEFAULT-VALUE}.")
    private String model = "tiny";

    @Option(names = "--untied", description = "An output projection of its own; default: the embedding is used.")
    private boolean untied;

    @Option(
            names = "--rotary-base",
            defaultValue = "" + ModelConfig.DEFAULT_ROTARY_BASE,
            description = "Base of the rotary position embedding; default ${DEFAULT-VALUE}.")
    private double rotaryBase;

    @Option(names = "--seed", defaultValue = "0", description = "Of the first weights; default ${DEFAULT-VALUE}.")
    private long seed;

    @Option(names = "--learning-rate", defaultValue = "3e-3", description = "Peak; default ${DEFAULT-VALUE}.")
    private double learningRate;

    @Option(
            names = "--floor",
            paramLabel = "PART",
            defaultValue = "" + TrainSettings.Schedule.DEFAULT_FLOOR_PART,
            description = "Of the peak, at the end of the cosine; default ${DEFAULT-VALUE}.")
    private double floor;

    @Option(
            names = "--warmup",
            paramLabel = "STEPS",
            defaultValue = "20",
            description = "Steps in which the learning rate rises to its peak; default ${DEFAULT-VALUE}.")
    private long warmup;

    @Option(
            names = "--rewarm-at",
            paramLabel = "STEP",
            split = ",",
            description = "Warm up anew at these steps; the cosine before one ends there.")
    private List<Long> rewarmAt = List.of();

    @Option(
            names = "--rewarm-at-cycle",
            paramLabel = "CYCLE",
            split = ",",
            description = "Warm up anew at the first step of these cycles of the run, counted from 0.")
    private List<Long> rewarmAtCycle = List.of();

    @Option(
            names = "--weight-decay",
            defaultValue = "0.1",
            description = "Of matrices, decoupled; default ${DEFAULT-VALUE}.")
    private double weightDecay;

    @Option(
            names = "--clip",
            defaultValue = "1",
            description = "Global norm that gradients are clipped to; default ${DEFAULT-VALUE}.")
    private double clip;

    @Option(
            names = "--micro-tokens",
            paramLabel = "TOKENS",
            defaultValue = "" + TrainSettings.DEFAULT_MICRO_TOKENS,
            description =
                    "Positions whose gradients are computed at once, and at least one row: memory grows with them, and not"
                            + " with the step. Default ${DEFAULT-VALUE}.")
    private int microTokens;

    @Option(
            names = "--device",
            defaultValue = "cpu",
            description =
                    "cpu, cuda, or cuda:N; default ${DEFAULT-VALUE}. A process trains on one device: for several, use the"
                            + " PyTorch client with DDP or FSDP.")
    private String device = "cpu";

    @Option(
            names = "--precision",
            description = "Of the matrix work: ${COMPLETION-CANDIDATES}; default: bf16 on cuda, fp32 on the CPU.")
    private PrecisionName precision = PrecisionName.auto;

    @Option(names = "--threads", defaultValue = "0", description = "Of one operator; default: the engine's.")
    private int threads;

    enum PrecisionName {
        auto,
        fp32,
        bf16
    }

    public TrainSettings.Model model() {
        return new TrainSettings.Model(model, rotaryBase, !untied, seed);
    }

    public TrainSettings.Schedule schedule(long steps) {
        return new TrainSettings.Schedule(steps, learningRate, floor, warmup, rewarmAt, rewarmAtCycle);
    }

    public AdamW optimizer() {
        AdamW usual = AdamW.DEFAULT;
        return new AdamW(usual.beta1(), usual.beta2(), usual.epsilon(), weightDecay, clip);
    }

    public int microTokens() {
        return microTokens;
    }

    public TransformerOptions device() {
        OptionalInt accelerator = OptionalInt.empty();
        if (!device.equals("cpu")) {
            Matcher matcher = CUDA.matcher(device);
            if (!matcher.matches()) {
                throw new InvalidException("device must be cpu, cuda or cuda:N, but was " + device);
            }
            accelerator = OptionalInt.of(matcher.group(1) == null ? 0 : Integer.parseInt(matcher.group(1)));
        }
        Precision wanted = switch (precision) {
            case fp32 -> Precision.FLOAT32;
            case bf16 -> Precision.BFLOAT16;
            case auto -> accelerator.isPresent() ? Precision.BFLOAT16 : Precision.FLOAT32;
        };
        return new TransformerOptions(accelerator, threads, wanted, OptionalInt.empty());
    }
}
