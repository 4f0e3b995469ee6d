package dev.dyadic.decomposer;

import dev.dyadic.decomposer.pipeline.SeenDocuments;
import dev.dyadic.proto.Digests;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/// What a partition has decided, in a store that Kafka Streams keeps on disk and in a changelog topic. An entry is a
/// key and a number (8 bytes, big-endian):
///
/// | key | number |
/// |---|---|
/// | the first 128 bits of SHA-256 of an id | the offset of its document, which was decomposed; of a whole, that of its
/// first part that was |
/// | … of a whole's id, a zero byte and the digest of its text | the same offset |
/// | SHA-256 of a source | its place among the sources |
/// | one byte, 0 | number of sources |
/// | one byte, 1 | the highest offset whose document was rejected |
final class SeenStore implements SeenDocuments {
    static final String NAME = "seen";
    private static final int KEY_BYTES = 16;
    static final Bytes SOURCE_COUNT = Bytes.wrap(new byte[] {0});
    static final Bytes LAST_REJECTED = Bytes.wrap(new byte[] {1});

    private final KeyValueStore<Bytes, Long> store;
    /// Those that have a place; nearly every document has one of them.
    private final Set<String> sources = new HashSet<>();

    private long lastRejected;

    SeenStore(KeyValueStore<Bytes, Long> store) {
        this.store = store;
        Long last = store.get(LAST_REJECTED);
        this.lastRejected = last == null ? -1 : last;
    }

    static StoreBuilder<KeyValueStore<Bytes, Long>> builder() {
        return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(NAME), Serdes.Bytes(), Serdes.Long())
                .withCachingDisabled()
                .withLoggingEnabled(Map.of());
    }

    @Override
    public long lastRejected() {
        return lastRejected;
    }

    @Override
    public OptionalLong decomposedAt(String id) {
        Long offset = store.get(idKey(id));
        return offset == null ? OptionalLong.empty() : OptionalLong.of(offset);
    }

    @Override
    public boolean admitsSource(String source, int limit) {
        return isKnown(source) || countOfSources() < limit;
    }

    @Override
    public void decomposed(String id, String source, long offset) {
        store.put(idKey(id), offset);
        if (!isKnown(source)) {
            long count = countOfSources();
            store.put(sourceKey(source), count);
            store.put(SOURCE_COUNT, count + 1);
            sources.add(source);
        }
    }

    @Override
    public void rejected(long offset) {
        store.put(LAST_REJECTED, offset);
        lastRejected = offset;
    }

    static Bytes idKey(String id) {
        return Bytes.wrap(Arrays.copyOf(digest(id), KEY_BYTES));
    }

    static Bytes sourceKey(String source) {
        return Bytes.wrap(digest(source));
    }

    private boolean isKnown(String source) {
        if (sources.contains(source)) {
            return true;
        }
        boolean known = store.get(sourceKey(source)) != null;
        if (known) {
            sources.add(source);
        }
        return known;
    }

    private long countOfSources() {
        Long count = store.get(SOURCE_COUNT);
        return count == null ? 0 : count;
    }

    private static byte[] digest(String text) {
        return Digests.sha256(text.getBytes(StandardCharsets.UTF_8));
    }
}
