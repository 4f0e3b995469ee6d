package dev.dyadic.deploy.preview;

import dev.dyadic.proto.Bucket;
/// A preview as a picture for terminals: one line a length, the longest on top, one column a part of the run.

public final class PreviewText {
    private static final String SHADES = " ·░▒▓█";
    private static final int LABEL = 8;

    private PreviewText() {}

    public static String of(Preview preview) {
        StringBuilder text = new StringBuilder();
        for (Bucket bucket : preview.buckets().fromLongest()) {
            text.append("%,8d ".formatted(bucket.length()));
            for (Preview.Bin bin : preview.bins()) {
                text.append(shade(bin.shares().getOrDefault(bucket, 0.0)));
            }
            text.append('\n');
        }
        int width = preview.bins().size();
        String end = "%,d".formatted(preview.steps());
        String axis = "0" + " ".repeat(Math.max(1, width - 1 - end.length())) + end;
        text.append(" ".repeat(LABEL)).append(" ").append(axis).append('\n');
        return text.toString();
    }

    private static char shade(double share) {
        if (share == 0) {
            return SHADES.charAt(0);
        }
        int index = 1 + (int) Math.min(SHADES.length() - 2, share * (SHADES.length() - 1));
        return SHADES.charAt(index);
    }
}
