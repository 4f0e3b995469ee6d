package dev.dyadic.trainer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/// Writes every step and every look at the hold-out to `metrics.jsonl`, and the steps to `metrics.csv` for
/// spreadsheets and plots. A training that goes on appends; a step that was trained twice stands there twice, and the
/// later line counts.
public final class Metrics implements TrainProgress, AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String HEADER =
            "step,cycle,length,loss,gradient_norm,learning_rate,tokens,tokens_per_second,waited_seconds";

    private final BufferedWriter lines;
    private final BufferedWriter table;
    private final Path directory;

    private Metrics(Path directory, BufferedWriter lines, BufferedWriter table) {
        this.directory = directory;
        this.lines = lines;
        this.table = table;
    }

    public static Metrics open(Path directory) {
        try {
            Files.createDirectories(directory);
            Path csv = directory.resolve("metrics.csv");
            boolean isNew = !Files.exists(csv);
            BufferedWriter lines = append(directory.resolve("metrics.jsonl"));
            BufferedWriter table = append(csv);
            if (isNew) {
                table.write(HEADER + "\n");
            }
            return new Metrics(directory, lines, table);
        } catch (IOException e) {
            throw new TrainerException("cannot write metrics to " + directory + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void trained(Step step) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("kind", "step");
        line.put("step", step.number());
        line.put("cycle", step.cycle());
        line.put("length", step.length());
        line.put("loss", step.loss());
        line.put("lossBySource", step.lossBySource());
        line.put("gradientNorm", step.gradientNorm());
        line.put("learningRate", step.rate());
        line.put("tokens", step.tokens());
        line.put("tokensPerSecond", step.tokensPerSecond());
        line.put("waitedSeconds", step.waitedSeconds());
        String row = String.format(
                Locale.ROOT,
                "%d,%d,%d,%.6f,%.6f,%.9g,%d,%.1f,%.3f\n",
                step.number(),
                step.cycle(),
                step.length(),
                step.loss(),
                step.gradientNorm(),
                step.rate(),
                step.tokens(),
                step.tokensPerSecond(),
                step.waitedSeconds());
        write(line);
        try {
            table.write(row);
            table.flush();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    @Override
    public void evaluated(HoldOut holdOut) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("kind", "holdout");
        line.put("step", holdOut.step());
        line.put("tokens", holdOut.tokens());
        line.put("seconds", holdOut.seconds());
        line.put("loss", holdOut.mean());
        line.put("lossByLength", holdOut.lossByLength());
        write(line);
    }

    @Override
    public void close() {
        try (lines;
                table) {
            lines.flush();
            table.flush();
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private void write(Map<String, Object> line) {
        try {
            lines.write(JSON.writeValueAsString(line) + "\n");
            lines.flush();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a map is not written as JSON", e);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    private TrainerException failed(IOException e) {
        return new TrainerException("cannot write metrics to " + directory + ": " + e.getMessage(), e);
    }

    private static BufferedWriter append(Path file) throws IOException {
        return Files.newBufferedWriter(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
