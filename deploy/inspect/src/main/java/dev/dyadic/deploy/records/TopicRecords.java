package dev.dyadic.deploy.records;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;

/// The committed records of some partitions: those that are there, one partition after the other, and those that come.
public final class TopicRecords {
    private static final Duration POLL = Duration.ofMillis(200);
    /// How far back the last records are looked for at first; the ends of transactions have offsets, and are none.
    private static final long FIRST_WINDOW = 1_000;

    private final Consumer<byte[], byte[]> consumer;
    private final List<TopicPartition> partitions;
    private final Map<TopicPartition, Long> beginnings;
    private final Map<TopicPartition, Long> ends;

    /// @param consumer that reads nothing else
    public TopicRecords(Consumer<byte[], byte[]> consumer, List<TopicPartition> partitions) {
        this.consumer = consumer;
        this.partitions = List.copyOf(partitions);
        this.beginnings = Map.copyOf(consumer.beginningOffsets(partitions));
        this.ends = new HashMap<>(consumer.endOffsets(partitions));
        consumer.assign(partitions);
        beginnings.forEach(consumer::seek);
    }

    /// Those that are there.
    ///
    /// @param offset of the first in each partition
    /// @param sink told of each; false: no more
    /// @return whether it may go on
    public boolean from(long offset, Predicate<ConsumerRecord<byte[], byte[]>> sink) {
        return partitions.stream().allMatch(partition -> read(partition, offset, sink));
    }

    /// The last ones that are there, of each partition.
    public boolean last(long count, Predicate<ConsumerRecord<byte[], byte[]>> sink) {
        return partitions.stream()
                .allMatch(partition -> last(partition, count).stream().allMatch(sink));
    }

    /// Those that come after those that were there; asked again and again.
    public boolean next(Predicate<ConsumerRecord<byte[], byte[]>> sink) {
        consumer.resume(partitions);
        ConsumerRecords<byte[], byte[]> came = consumer.poll(POLL);
        return partitions.stream()
                .flatMap(partition -> came.records(partition).stream())
                .allMatch(sink);
    }

    /// Sets the place of what comes.
    public void skipToEnd() {
        ends.forEach(consumer::seek);
    }

    private boolean read(TopicPartition partition, long offset, Predicate<ConsumerRecord<byte[], byte[]>> sink) {
        long end = ends.getOrDefault(partition, 0L);
        consumer.pause(partitions);
        consumer.resume(List.of(partition));
        consumer.seek(partition, Math.max(offset, beginnings.getOrDefault(partition, 0L)));
        while (consumer.position(partition) < end) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL).records(partition)) {
                if (record.offset() < end && !sink.test(record)) {
                    return false;
                }
            }
        }
        return true;
    }

    /// Looks farther back until there are enough.
    private List<ConsumerRecord<byte[], byte[]>> last(TopicPartition partition, long count) {
        long end = ends.getOrDefault(partition, 0L);
        long beginning = beginnings.getOrDefault(partition, 0L);
        long window = FIRST_WINDOW;
        while (true) {
            Deque<ConsumerRecord<byte[], byte[]>> found = new ArrayDeque<>();
            read(partition, end - window, record -> {
                found.add(record);
                if (found.size() > count) {
                    found.removeFirst();
                }
                return true;
            });
            if (found.size() >= count || end - window <= beginning) {
                return new ArrayList<>(found);
            }
            window *= 4;
        }
    }
}
