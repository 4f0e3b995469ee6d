package dev.dyadic.trainer;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/// Means of the first and the last losses, over all, for each length and for each source.
final class LossMeter {
    private final Series all = new Series();
    private final NavigableMap<Integer, Series> byLength = new TreeMap<>();
    private final NavigableMap<String, Series> bySource = new TreeMap<>();

    void add(int length, float loss, Map<String, Float> sources) {
        all.add(loss);
        byLength.computeIfAbsent(length, _ -> new Series()).add(loss);
        sources.forEach((source, sourceLoss) ->
                bySource.computeIfAbsent(source, _ -> new Series()).add(sourceLoss));
    }

    float last() {
        return all.last();
    }

    List<TrainReport.LengthLoss> byLength() {
        List<TrainReport.LengthLoss> losses = new ArrayList<>();
        byLength.forEach((length, series) ->
                losses.add(new TrainReport.LengthLoss(length, series.count, series.first(), series.last())));
        return losses;
    }

    List<TrainReport.SourceLoss> bySource() {
        List<TrainReport.SourceLoss> losses = new ArrayList<>();
        bySource.forEach((source, series) ->
                losses.add(new TrainReport.SourceLoss(source, series.count, series.first(), series.last())));
        return losses;
    }

    private static final class Series {
        private final List<Float> head = new ArrayList<>();
        private final Deque<Float> tail = new ArrayDeque<>();
        private long count;

        void add(float loss) {
            count++;
            if (head.size() < TrainReport.MEAN_OF) {
                head.add(loss);
            }
            tail.addLast(loss);
            if (tail.size() > TrainReport.MEAN_OF) {
                tail.removeFirst();
            }
        }

        float first() {
            return mean(head);
        }

        float last() {
            return mean(tail);
        }

        private static float mean(Iterable<Float> losses) {
            MeanLoss mean = new MeanLoss();
            losses.forEach(mean::add);
            return mean.value();
        }
    }
}
