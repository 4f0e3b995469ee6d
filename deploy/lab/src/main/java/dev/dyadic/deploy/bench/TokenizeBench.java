package dev.dyadic.deploy.bench;

import dev.dyadic.decomposer.tokenize.TextIds;
import dev.dyadic.deploy.local.SampleFeed;
import dev.dyadic.ingest.DocumentTexts;
import dev.dyadic.ingest.bytes.Input;
import dev.dyadic.ingest.document.Fields;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Texts to ids by one thread, from memory, after two rounds that do not count. For other tokenizers beside it there is
/// `decomposer/src/test/python/speed.py`.
public final class TokenizeBench {
    private static final int WARM_UPS = 2;
    private static final double NANOS = 1e9;

    private TokenizeBench() {}

    public static List<Figure> run(Optional<Path> file, int copies, int rounds, TextIds ids) {
        List<byte[]> texts = new ArrayList<>();
        Input input = file.map(Input::file).orElseGet(SampleFeed::input);
        new DocumentTexts(Fields.DEFAULT).read(input, texts::add);
        int times = file.isPresent() ? 1 : copies;
        double megabytes = times * texts.stream().mapToLong(text -> text.length).sum() / 1e6;
        double[] rate = new double[rounds];
        double[] tokenRate = new double[rounds];
        long tokens = 0;
        for (int round = -WARM_UPS; round < rounds; round++) {
            tokens = 0;
            long begin = System.nanoTime();
            for (int i = 0; i < times; i++) {
                for (byte[] text : texts) {
                    tokens += ids.ids(text).length();
                }
            }
            double seconds = (System.nanoTime() - begin) / NANOS;
            if (round >= 0) {
                rate[round] = megabytes / seconds;
                tokenRate[round] = tokens / 1e6 / seconds;
            }
        }
        return List.of(
                Figure.of("text", "MB", megabytes),
                Figure.of("tokens", "tokens", (double) tokens),
                Figure.of("tokenized by one thread", "MB/s", rate),
                Figure.of("tokens made by one thread", "Mtok/s", tokenRate));
    }
}
