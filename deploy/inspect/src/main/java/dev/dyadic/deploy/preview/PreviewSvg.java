package dev.dyadic.deploy.preview;

import dev.dyadic.proto.Bucket;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;

/// A preview as a picture: length by step, average context length, tokens of each length by cycle.
public final class PreviewSvg {
    private static final int WIDTH = 900;
    private static final int LEFT = 70;
    private static final int RIGHT = 20;
    private static final int PLOT = WIDTH - LEFT - RIGHT;
    private static final int LANE = 22;
    private static final int CONTEXT_HEIGHT = 120;
    private static final int CYCLES_HEIGHT = 160;
    private static final int MAX_BARS = 64;
    /// From short to long; told apart by colour-blind eyes too (viridis).
    private static final List<String> COLOURS =
            List.of("#440154", "#46327e", "#365c8d", "#277f8e", "#1fa187", "#4ac16d", "#a0da39", "#fde725");

    private final Preview preview;
    private final StringBuilder out = new StringBuilder();
    private int top;

    private PreviewSvg(Preview preview) {
        this.preview = preview;
    }

    /// @param title for people
    public static String of(Preview preview, String title) {
        return new PreviewSvg(preview).draw(title);
    }

    private String draw(String title) {
        int lanes = preview.buckets().count();
        int height = 60 + lanes * LANE + 50 + CONTEXT_HEIGHT + 60 + CYCLES_HEIGHT + 60;
        line("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\">"
                .formatted(WIDTH, height));
        line("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>");
        text(LEFT, 24, "start", 16, title);
        top = 50;
        lanes();
        context();
        cycles();
        line("</svg>");
        return out.toString();
    }

    /// One lane a length, the longest on top; the darker, the larger its share of the steps there.
    private void lanes() {
        text(LEFT, top - 6, "start", 12, "Share of the steps that each length has");
        int lane = 0;
        double width = (double) PLOT / preview.bins().size();
        for (Bucket bucket : preview.buckets().fromLongest()) {
            int y = top + lane * LANE;
            text(LEFT - 8, y + 15, "end", 12, "%,d".formatted(bucket.length()));
            for (int i = 0; i < preview.bins().size(); i++) {
                double share = preview.bins().get(i).shares().getOrDefault(bucket, 0.0);
                if (share > 0) {
                    rect(LEFT + i * width, y + 1, width + 0.3, LANE - 2, colour(bucket), Math.max(0.08, share));
                }
            }
            lane++;
        }
        top += lane * LANE;
        axis(top, "step");
        top += 50;
    }

    private void context() {
        double largest = preview.bins().stream()
                .mapToDouble(Preview.Bin::contextLength)
                .max()
                .orElse(1);
        text(
                LEFT,
                top - 6,
                "start",
                12,
                "Average context length of the tokens (of a sequence of l tokens: (l - 1) / 2)");
        text(LEFT - 8, top + 10, "end", 12, "%,.0f".formatted(largest));
        text(LEFT - 8, top + CONTEXT_HEIGHT, "end", 12, "0");
        StringBuilder points = new StringBuilder();
        double width = (double) PLOT / preview.bins().size();
        for (int i = 0; i < preview.bins().size(); i++) {
            double y = top + CONTEXT_HEIGHT * (1 - preview.bins().get(i).contextLength() / largest);
            points.append(String.format(Locale.ROOT, "%.1f,%.1f ", LEFT + (i + 0.5) * width, y));
        }
        line("<polyline points=\"" + points + "\" fill=\"none\" stroke=\"#333\" stroke-width=\"1.5\"/>");
        top += CONTEXT_HEIGHT;
        axis(top, "step");
        top += 60;
    }

    /// A bar a cycle, its tokens by length on top of each other.
    private void cycles() {
        text(LEFT, top - 6, "start", 12, "Tokens of each length, by cycle");
        List<NavigableMap<Bucket, Long>> cycles =
                preview.cycles().subList(0, Math.min(MAX_BARS, preview.cycles().size()));
        long largest = cycles.stream()
                .mapToLong(cycle ->
                        cycle.values().stream().mapToLong(Long::longValue).sum())
                .max()
                .orElse(1);
        double width = (double) PLOT / cycles.size();
        for (int i = 0; i < cycles.size(); i++) {
            double y = top + CYCLES_HEIGHT;
            for (Map.Entry<Bucket, Long> bucket : cycles.get(i).entrySet()) {
                double height = (double) CYCLES_HEIGHT * bucket.getValue() / largest;
                y -= height;
                rect(LEFT + i * width + 1, y, Math.max(1, width - 2), height, colour(bucket.getKey()), 1);
            }
        }
        text(LEFT - 8, top + 10, "end", 12, giga(largest * preview.tokensPerStep()));
        line("<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#333\"/>"
                .formatted(LEFT, top + CYCLES_HEIGHT, LEFT + PLOT, top + CYCLES_HEIGHT));
        text(
                LEFT,
                top + CYCLES_HEIGHT + 18,
                "start",
                12,
                preview.cycles().size() == cycles.size()
                        ? "cycles 0 to " + (cycles.size() - 1)
                        : "the first " + cycles.size() + " of "
                                + preview.cycles().size() + " cycles");
        double x = LEFT + 240.0;
        for (Bucket bucket : preview.buckets()) {
            rect(x, top + CYCLES_HEIGHT + 8, 10, 10, colour(bucket), 1);
            text(x + 14, top + CYCLES_HEIGHT + 18, "start", 12, Integer.toString(bucket.length()));
            x += 60;
        }
    }

    private void axis(int y, String unit) {
        line("<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#333\"/>".formatted(LEFT, y, LEFT + PLOT, y));
        for (int i = 0; i <= 4; i++) {
            double x = LEFT + PLOT * i / 4.0;
            String anchor = i == 0 ? "start" : i == 4 ? "end" : "middle";
            text(x, y + 16, anchor, 12, (i == 0 ? unit + " " : "") + "%,d".formatted(preview.steps() * i / 4));
        }
    }

    private String colour(Bucket bucket) {
        int count = preview.buckets().count();
        int index = count == 1 ? 0 : preview.buckets().indexOf(bucket) * (COLOURS.size() - 1) / (count - 1);
        return COLOURS.get(index);
    }

    private static String giga(long tokens) {
        return tokens >= 1L << 30
                ? "%.1f Gi".formatted(tokens / (double) (1L << 30))
                : "%.1f Mi".formatted(tokens / (double) (1L << 20));
    }

    private void rect(double x, double y, double width, double height, String colour, double opacity) {
        line(String.format(
                Locale.ROOT,
                "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\" fill-opacity=\"%.2f\"/>",
                x,
                y,
                width,
                height,
                colour,
                opacity));
    }

    private void text(double x, double y, String anchor, int size, String content) {
        line(String.format(
                Locale.ROOT,
                "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" font-size=\"%d\">%s</text>",
                x,
                y,
                anchor,
                size,
                content.replace("&", "&amp;").replace("<", "&lt;")));
    }

    private void line(String markup) {
        out.append(markup).append('\n');
    }
}
