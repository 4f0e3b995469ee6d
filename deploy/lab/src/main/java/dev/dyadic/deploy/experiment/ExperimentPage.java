package dev.dyadic.deploy.experiment;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.NavigableSet;
import java.util.OptionalDouble;
import java.util.TreeSet;

/// A result as a page that a browser opens without a network, as pictures, and as JSON.
public final class ExperimentPage {
    private static final String STYLE = """
            body{font-family:sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;line-height:1.45}
            table{border-collapse:collapse;font-size:.9rem;display:block;overflow-x:auto}
            th,td{padding:.25rem .6rem;border-bottom:1px solid #ddd;text-align:right;white-space:nowrap}
            th:first-child,td:first-child{text-align:left}svg{width:100%;height:auto}
            """;

    private ExperimentPage() {}

    /// Writes `index.html`, `loss-by-time.svg`, `loss-by-tokens.svg` and `result.json`.
    public static Path write(ExperimentResult result, Path directory) {
        try {
            Files.createDirectories(directory);
            Files.writeString(directory.resolve("loss-by-time.svg"), LossSvg.againstTime(result));
            Files.writeString(directory.resolve("loss-by-tokens.svg"), LossSvg.againstTokens(result));
            Files.write(
                    directory.resolve("result.json"),
                    new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(result));
            Path page = directory.resolve("index.html");
            Files.writeString(page, html(result));
            return page;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write to " + directory + ": " + e.getMessage(), e);
        }
    }

    /// Names of the columns: [#cells] has as many.
    public static List<String> columns(ExperimentResult result) {
        List<String> columns = new ArrayList<>(
                List.of("variant", "tokens", "time s", "time ratio", "to (a)'s loss s", "train", "documents"));
        lengths(result).forEach(length -> columns.add(length.toString()));
        return columns;
    }

    /// One variant's row.
    public static List<String> cells(ExperimentResult result, ExperimentResult.Trained trained) {
        OptionalDouble reached = result.secondsToBaselineLoss(trained);
        List<String> cells = new ArrayList<>(List.of(
                trained.variant().title(),
                format("%,d", result.tokens()),
                format("%.0f", trained.seconds()),
                format("%.2f", result.timeRatio(trained)),
                reached.isPresent() ? format("%.0f", reached.getAsDouble()) : "never",
                format("%.3f", trained.trainLoss()),
                format("%.3f", trained.last().documentLoss())));
        for (int length : lengths(result)) {
            Float loss = trained.last().lossByLength().get(length);
            cells.add(loss == null ? "-" : format("%.3f", loss));
        }
        return cells;
    }

    private static NavigableSet<Integer> lengths(ExperimentResult result) {
        NavigableSet<Integer> lengths = new TreeSet<>();
        result.variants()
                .forEach(trained -> lengths.addAll(trained.last().lossByLength().keySet()));
        return lengths;
    }

    private static String html(ExperimentResult result) {
        StringBuilder rows = new StringBuilder();
        for (ExperimentResult.Trained trained : result.variants()) {
            rows.append("<tr><td>")
                    .append(String.join("</td><td>", cells(result, trained)))
                    .append("</td></tr>\n");
        }
        return """
                <!doctype html>
                <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
                <title>Dyadic: the paper's comparison</title><style>%s</style></head><body>
                <h1>Concatenate and chunk, or decompose?</h1>
                <p>The same model (%s, %,d parameters) on the same text (%s: %,d documents, %.1f MB, tokenizer %s), for the same
                number of tokens: %,d steps of %,d positions. Lengths %,d to %,d. One machine, one training after the other.
                The method is <em>Dataset Decomposition</em> (Pouransari et al., NeurIPS 2024).</p>
                <table><thead><tr><th>%s</th></tr></thead><tbody>
                %s</tbody></table>
                <p>Losses are cross-entropies in nats a token, on documents that were not trained on: over whole documents (each alone; longer
                ones in windows of the longest length), and on rows of each length. <em>Train</em> is the mean of the last five steps, whose
                lengths differ between variants. <em>To (a)'s loss</em> is when a variant first had the loss over whole documents that (a) ends
                with. Times are of training alone, without looks at the hold-out.</p>
                %s
                %s
                </body></html>
                """.formatted(
                        STYLE,
                        escape(result.model()),
                        result.parameters(),
                        escape(result.text()),
                        result.documents(),
                        result.textBytes() / 1e6,
                        result.tokenizer(),
                        result.steps(),
                        result.tokensPerStep(),
                        result.minLength(),
                        result.maxLength(),
                        String.join("</th><th>", columns(result)),
                        rows,
                        LossSvg.againstTime(result),
                        LossSvg.againstTokens(result));
    }

    private static String format(String pattern, Object value) {
        return String.format(Locale.ROOT, pattern, value);
    }

    private static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
