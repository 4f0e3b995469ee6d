package dev.dyadic.decomposer;

import dev.dyadic.decomposer.pipeline.SeenDocuments;
import dev.dyadic.proto.Digests;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/// Ids that were seen: the first 128 bits of SHA-256 of the id, and the offset of its document. About 30 bytes a
/// document on disk, and in the changelog topic.
final class SeenStore implements SeenDocuments {
    static final String NAME = "seen";
    private static final int KEY_BYTES = 16;
    private static final Bytes SOURCE_COUNT = Bytes.wrap(new byte[] {0});

    private final KeyValueStore<Bytes, Long> store;

    SeenStore(KeyValueStore<Bytes, Long> store) {
        this.store = store;
    }

    static StoreBuilder<KeyValueStore<Bytes, Long>> builder() {
        return Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(NAME), Serdes.Bytes(), Serdes.Long())
                .withCachingDisabled()
                .withLoggingEnabled(Map.of());
    }

    @Override
    public OptionalLong firstSeen(String id, long offset) {
        Long first = store.putIfAbsent(Bytes.wrap(Arrays.copyOf(digest(id), KEY_BYTES)), offset);
        return first == null ? OptionalLong.empty() : OptionalLong.of(first);
    }

    @Override
    public boolean admitsSource(String source, int limit) {
        Bytes key = Bytes.wrap(digest(source));
        if (store.get(key) != null) {
            return true;
        }
        Long known = store.get(SOURCE_COUNT);
        long count = known == null ? 0 : known;
        if (count >= limit) {
            return false;
        }
        store.put(key, count);
        store.put(SOURCE_COUNT, count + 1);
        return true;
    }

    private static byte[] digest(String text) {
        return Digests.sha256(text.getBytes(StandardCharsets.UTF_8));
    }
}
