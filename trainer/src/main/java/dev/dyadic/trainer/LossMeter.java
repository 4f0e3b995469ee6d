package dev.dyadic.trainer;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/// Means of the first and the last losses, over all and for each length.
final class LossMeter {
    private static final int WINDOW = 5;

    private final Series all = new Series();
    private final NavigableMap<Integer, Series> byLength = new TreeMap<>();

    void add(int length, float loss) {
        all.add(loss);
        byLength.computeIfAbsent(length, _ -> new Series()).add(loss);
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

    private static final class Series {
        private final List<Float> head = new ArrayList<>();
        private final Deque<Float> tail = new ArrayDeque<>();
        private long count;

        void add(float loss) {
            count++;
            if (head.size() < WINDOW) {
                head.add(loss);
            }
            tail.addLast(loss);
            if (tail.size() > WINDOW) {
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
            double sum = 0;
            int n = 0;
            for (float loss : losses) {
                sum += loss;
                n++;
            }
            return (float) (sum / Math.max(n, 1));
        }
    }
}
