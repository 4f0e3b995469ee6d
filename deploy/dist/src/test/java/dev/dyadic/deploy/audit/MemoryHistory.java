package dev.dyadic.deploy.audit;

import dev.dyadic.deploy.history.History;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Topics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;

/// A history in memory, which a test may break.
final class MemoryHistory implements History {
    private final Topics topics;
    private final CorpusSettings settings;
    private final Map<Integer, Long> decomposedUpTo = new HashMap<>();
    private final Map<TopicPartition, Beginning> beginnings = new HashMap<>();
    private final Map<TopicPartition, List<Entry>> records = new HashMap<>();

    private MemoryHistory(Topics topics, CorpusSettings settings) {
        this.topics = topics;
        this.settings = settings;
    }

    static MemoryHistory copyOf(History history) {
        MemoryHistory copy = new MemoryHistory(history.topics(), history.settings());
        Topics topics = history.topics();
        List<String> partitioned =
                new ArrayList<>(topics.sequences(history.settings().buckets()));
        partitioned.add(topics.documents());
        partitioned.add(topics.rejects());
        for (int partition = 0; partition < history.settings().partitions(); partition++) {
            copy.decomposedUpTo.put(partition, history.decomposedUpTo(partition));
            for (String topic : partitioned) {
                copy.copy(history, topic, partition);
            }
        }
        copy.copy(history, topics.ledger(), 0);
        copy.copy(history, topics.documentRejects(), 0);
        return copy;
    }

    private void copy(History history, String topic, int partition) {
        List<Entry> entries = records(topic, partition);
        history.read(topic, partition, (offset, time, value) -> entries.add(new Entry(offset, time, value)));
    }

    /// The records themselves, to be changed.
    List<Entry> records(String topic, int partition) {
        return records.computeIfAbsent(new TopicPartition(topic, partition), _ -> new ArrayList<>());
    }

    @Override
    public Topics topics() {
        return topics;
    }

    @Override
    public CorpusSettings settings() {
        return settings;
    }

    @Override
    public long decomposedUpTo(int partition) {
        return decomposedUpTo.getOrDefault(partition, 0L);
    }

    @Override
    public Beginning beginning(String topic, int partition) {
        return beginnings.getOrDefault(new TopicPartition(topic, partition), Beginning.WHOLE);
    }

    @Override
    public Cursor open(String topic, int partition) {
        Iterator<Entry> entries = List.copyOf(records(topic, partition)).iterator();
        return () -> entries.hasNext() ? entries.next() : null;
    }

    /// Deletes what comes before an offset, as retention does.
    void trim(String topic, int partition, long offset) {
        records(topic, partition).removeIf(entry -> entry.offset() < offset);
        beginnings.put(new TopicPartition(topic, partition), new Beginning(offset, null));
    }
}
