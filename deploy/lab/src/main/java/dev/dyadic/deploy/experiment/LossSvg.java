package dev.dyadic.deploy.experiment;

import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/// Loss over whole documents of the hold-out, a line a variant, against training time or tokens.
final class LossSvg {
    private static final int WIDTH = 900;
    private static final int HEIGHT = 460;
    private static final int LEFT = 60;
    private static final int RIGHT = 20;
    private static final int TOP = 40;
    private static final int BOTTOM = 50;
    private static final int TICKS = 6;
    /// Okabe and Ito's colours, which colour-blind eyes tell apart, then greys.
    private static final List<String> COLOURS =
            List.of("#000000", "#777777", "#E69F00", "#D55E00", "#56B4E9", "#0072B2", "#CC79A7", "#009E73");

    private final ExperimentResult result;
    private final ToDoubleFunction<ExperimentResult.Look> across;
    private final StringBuilder out = new StringBuilder();
    private final double mostAcross;
    private final double least;
    private final double most;

    private LossSvg(ExperimentResult result, ToDoubleFunction<ExperimentResult.Look> across) {
        this.result = result;
        this.across = across;
        List<ExperimentResult.Look> looks = result.variants().stream()
                .flatMap(trained -> trained.looks().stream())
                .toList();
        this.mostAcross = looks.stream().mapToDouble(across).max().orElse(1);
        this.least = looks.stream()
                        .mapToDouble(look -> (double) look.documentLoss())
                        .min()
                        .orElse(0)
                - 0.02;
        this.most = looks.stream()
                        .mapToDouble(look -> (double) look.documentLoss())
                        .max()
                        .orElse(1)
                + 0.02;
    }

    static String againstTime(ExperimentResult result) {
        return new LossSvg(result, ExperimentResult.Look::seconds)
                .draw("Loss over whole documents of the hold-out against training time", "seconds", 1);
    }

    static String againstTokens(ExperimentResult result) {
        return new LossSvg(result, look -> (double) look.tokens())
                .draw("Loss over whole documents of the hold-out against tokens", "millions of tokens", 1e6);
    }

    private String draw(String title, String unit, double scale) {
        line("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\">"
                .formatted(WIDTH, HEIGHT));
        line("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>");
        text(LEFT, 22, "start", 15, title);
        for (int tick = 0; tick <= TICKS; tick++) {
            double loss = least + (most - least) * tick / TICKS;
            double value = mostAcross * tick / TICKS;
            line("<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#ddd\"/>"
                    .formatted(LEFT, y(loss), WIDTH - RIGHT, y(loss)));
            text(LEFT - 6, y(loss) + 4, "end", 11, "%.2f".formatted(loss));
            text(x(value), HEIGHT - BOTTOM + 18, "middle", 11, number(value / scale));
        }
        text((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 12, "middle", 12, unit);
        for (int i = 0; i < result.variants().size(); i++) {
            variant(result.variants().get(i), i);
        }
        line("</svg>");
        return out.toString();
    }

    private void variant(ExperimentResult.Trained trained, int index) {
        String colour = COLOURS.get(index % COLOURS.size());
        StringBuilder points = new StringBuilder();
        for (ExperimentResult.Look look : trained.looks()) {
            points.append("%.1f,%.1f ".formatted(x(across.applyAsDouble(look)), y(look.documentLoss())));
        }
        String dash = trained.variant().cycles() > 1 ? " stroke-dasharray=\"6 3\"" : "";
        line("<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"%s><title>%s</title></polyline>"
                .formatted(
                        points.toString().strip(),
                        colour,
                        dash,
                        trained.variant().title()));
        double y = TOP + 12 + index * 18.0;
        line("<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"%s\" stroke-width=\"2\"%s/>"
                .formatted(WIDTH - 300, y - 4, WIDTH - 270, y - 4, colour, dash));
        text(WIDTH - 264, y, "start", 12, trained.variant().title());
    }

    private double x(double value) {
        return LEFT + (WIDTH - LEFT - RIGHT) * value / mostAcross;
    }

    private double y(double loss) {
        return TOP + (HEIGHT - TOP - BOTTOM) * (most - loss) / (most - least);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.2f" : "%.0f", value);
    }

    private void text(double x, double y, String anchor, int size, String text) {
        line("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" font-size=\"%d\">%s</text>"
                .formatted(x, y, anchor, size, text));
    }

    private void line(String line) {
        out.append(line).append('\n');
    }
}
