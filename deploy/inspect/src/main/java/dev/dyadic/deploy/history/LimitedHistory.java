package dev.dyadic.deploy.history;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Codecs;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.UnreadableRecordException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A history from some offsets of the length topics on, with the documents that these rows come from: so that a look
/// at the newest part does not read the rest. Rejects, which are few, are read whole.
public final class LimitedHistory implements History {
    private final History whole;
    private final Map<String, Map<Integer, Beginning>> beginnings = new HashMap<>();

    /// Where the rows begin that are looked at.
    @FunctionalInterface
    public interface From {
        /// @return 0: from the beginning
        long offset(Bucket bucket, int partition);
    }

    public LimitedHistory(History whole, From from) {
        this.whole = whole;
        for (int partition = 0; partition < settings().partitions(); partition++) {
            limit(partition, from);
        }
    }

    private void limit(int partition, From from) {
        long lastBefore = -1;
        for (Bucket bucket : settings().buckets()) {
            String topic = topics().sequences(bucket);
            long offset = from.offset(bucket, partition);
            if (offset <= whole.beginning(topic, partition).offset()) {
                // Rows of this length are looked at from the beginning, and say nothing of where the others begin.
                continue;
            }
            Value before = whole.lastBefore(topic, partition, offset);
            put(topic, partition, new Beginning(offset, before));
            lastBefore = Math.max(lastBefore, documentOf(before));
        }
        if (lastBefore >= 0) {
            String documents = topics().documents();
            long offset = Math.max(
                    lastBefore + 1, whole.beginning(documents, partition).offset());
            put(documents, partition, new Beginning(offset, null));
        }
    }

    /// A document none of whose rows come later than those of an earlier one.
    private static long documentOf(@Nullable Value row) {
        try {
            return row == null ? -1 : Codecs.SEQUENCE.decode(row.bytes()).getDocumentOffset();
        } catch (UnreadableRecordException e) {
            // It is told of where it is looked at.
            return -1;
        }
    }

    private void put(String topic, int partition, Beginning beginning) {
        beginnings.computeIfAbsent(topic, _ -> new HashMap<>()).put(partition, beginning);
    }

    @Override
    public Topics topics() {
        return whole.topics();
    }

    @Override
    public CorpusSettings settings() {
        return whole.settings();
    }

    @Override
    public long decomposedUpTo(int partition) {
        return whole.decomposedUpTo(partition);
    }

    @Override
    public Beginning beginning(String topic, int partition) {
        @Nullable Beginning limited = beginnings.getOrDefault(topic, Map.of()).get(partition);
        return limited == null ? whole.beginning(topic, partition) : limited;
    }

    @Override
    public Cursor open(String topic, int partition) {
        return whole.openAt(topic, partition, beginning(topic, partition).offset());
    }
}
