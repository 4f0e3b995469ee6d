package dev.dyadic.trainer.checkpoint;

import dev.dyadic.trainer.model.AdamW;
import dev.dyadic.trainer.model.ModelConfig;
import dev.dyadic.trainer.model.ModelState;
import dev.dyadic.trainer.model.Precision;
import dev.dyadic.trainer.model.StepResult;
import dev.dyadic.trainer.model.TokenRows;
import dev.dyadic.trainer.model.Transformer;
import dev.dyadic.trainer.model.TransformerOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// The trainer's model, as `parity.py` asks for it: a command a line on standard input, an answer a line on standard
/// output. Arrays go through files.
///
/// Arguments: model, vocabulary, tied or untied, fp32 or bf16, threads.
public final class ParityPeer {
    private static final double NANOS_PER_MILLI = 1e6;

    private final Transformer model;
    private ModelState state;

    private ParityPeer(Transformer model) {
        this.model = model;
        this.state = model.initialState(0);
    }

    public static void main(String[] arguments) throws IOException {
        PrintStream answers = System.out;
        // Whatever logs goes elsewhere.
        System.setOut(System.err);
        ModelConfig config = ModelConfig.named(
                arguments[0],
                Integer.parseInt(arguments[1]),
                ModelConfig.DEFAULT_ROTARY_BASE,
                arguments[2].equals("tied"));
        TransformerOptions options = TransformerOptions.CPU
                .withThreads(Integer.parseInt(arguments[4]))
                .withPrecision(arguments[3].equals("bf16") ? Precision.BFLOAT16 : Precision.FLOAT32);
        try (Transformer model = Transformer.load(config, options)) {
            ParityPeer peer = new ParityPeer(model);
            BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            answers.println("ready " + Transformer.engine());
            for (String line = commands.readLine(); line != null; line = commands.readLine()) {
                answers.println(peer.answer(List.of(line.split(" "))));
                answers.flush();
            }
        }
    }

    private String answer(List<String> words) throws IOException {
        Path file = Path.of(words.get(1));
        return switch (words.getFirst()) {
            // checkpoint DIRECTORY: the weights as they are, under DIRECTORY/step-0000000000
            case "checkpoint" -> {
                new Checkpoints(file, 1)
                        .write(
                                CheckpointFacts.of("parity", 0, "", 0, "", model.config(), 0, 0, 0, List.of()),
                                state.weights(),
                                state.optimizer());
                yield "written";
            }
            // gradients FILE IDS ROWS
            case "gradients" -> {
                model.accumulate(state, rows(words.get(2), words.get(3)), Integer.MAX_VALUE, () -> false);
                SafeTensors.write(file, state.gradients());
                model.update(state, 0, AdamW.DEFAULT);
                state = model.initialState(0);
                yield "written";
            }
            // logits FILE IDS ROWS: float32, little-endian
            case "logits" -> {
                float[] logits = model.logits(state, rows(words.get(2), words.get(3)));
                ByteBuffer bytes =
                        ByteBuffer.allocate(logits.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
                bytes.asFloatBuffer().put(logits);
                Files.write(file, bytes.array());
                yield "written";
            }
            // step IDS ROWS RATE: loss, gradient norm, milliseconds
            case "step" -> {
                TokenRows rows = rows(words.get(1), words.get(2));
                long start = System.nanoTime();
                StepResult result = model.step(
                        state, rows, Double.parseDouble(words.get(3)), AdamW.DEFAULT, Integer.MAX_VALUE, () -> false);
                double millis = (System.nanoTime() - start) / NANOS_PER_MILLI;
                yield String.format(Locale.ROOT, "%.9g %.9g %.3f", result.loss(), result.gradientNorm(), millis);
            }
            default -> throw new IllegalArgumentException("unknown command " + words);
        };
    }

    private static TokenRows rows(String file, String rows) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(Path.of(file))).order(ByteOrder.LITTLE_ENDIAN);
        long[] ids = new long[bytes.remaining() / Long.BYTES];
        bytes.asLongBuffer().get(ids);
        return new TokenRows(ids, Integer.parseInt(rows));
    }
}
