package dev.dyadic.sampler.segments;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Digests;
import dev.dyadic.proto.Limits;
import dev.dyadic.proto.Split;
import dev.dyadic.proto.Wholes;
import dev.dyadic.proto.avro.Sequence;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The rows of one partition of one length topic, by pool. One thread appends; any thread reads.
public final class PartitionStore implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionStore.class);

    private static final int PROBE_BYTES = 64 << 10;

    private record PoolId(String source, Split split) {}

    private final DiskBudget disk;
    private final Place place;
    private final Path directory;
    private final String topicId;
    private final int rowBytes;
    private final Map<PoolId, PoolLog> pools = new ConcurrentHashMap<>();
    private volatile long firstOffset;
    private volatile long nextOffset;
    /// What was appended, readable or not.
    private long appendedOffset;
    private long checkpointedOffset;
    private volatile boolean distrusted;

    /// Where the rows of a partition lie, and of which they are.
    record Place(Path directory, Bucket bucket, int partition) {}

    private PartitionStore(Place place, String topicId, int rowBytes, DiskBudget disk) {
        this.disk = disk;
        this.place = place;
        this.directory = place.directory();
        this.topicId = topicId;
        this.rowBytes = rowBytes;
    }

    /// Opens what the checkpoint vouches for. What it does not is thrown away and read from Kafka again.
    static PartitionStore open(Place place, String topicId, int rowBytes, DiskBudget disk) {
        Path directory = place.directory();
        PartitionStore store = new PartitionStore(place, topicId, rowBytes, disk);
        try {
            Files.createDirectories(directory);
            Optional<Checkpoint> checkpoint = Checkpoint.read(directory);
            if (checkpoint.isPresent() && store.load(checkpoint.get())) {
                return store;
            }
            clear(directory);
            return new PartitionStore(place, topicId, rowBytes, disk);
        } catch (IOException e) {
            store.close();
            throw new DiskException(directory, e);
        } catch (Throwable e) {
            store.close();
            throw e;
        }
    }

    /// Adds a row; it can be read after [#flush].
    ///
    /// @throws DiskException if the disk takes no more: nothing was added then
    public void append(long offset, Sequence sequence) {
        ByteBuffer tokens = sequence.getTokens();
        if (tokens.remaining() != rowBytes) {
            throw new IllegalArgumentException(
                    "expected a row of " + rowBytes + " bytes, but it has " + tokens.remaining());
        }
        if (offset < appendedOffset) {
            // It was read a second time, after a round that the disk did not take.
            return;
        }
        PoolId id = new PoolId(sequence.getSource(), Split.of(sequence.getSplit()));
        long documentHash = Digests.xxh64(Wholes.idOf(sequence), 0);
        long contentHash = Digests.xxh64(tokens.array(), tokens.arrayOffset() + tokens.position(), rowBytes);
        try {
            pool(id).append(offset, contentHash, documentHash, sequence.getPublishedMillis(), tokens);
            disk.add(rowBytes + PoolLog.FACT_BYTES);
            appendedOffset = offset + 1;
        } catch (IOException e) {
            throw new DiskException(directory, e);
        }
    }

    /// Makes the appended rows readable.
    ///
    /// @param newNextOffset everything below was appended, or holds no row
    /// @throws DiskException if the disk takes no more: the same can be tried again
    public void flush(long newNextOffset) {
        try {
            for (PoolLog pool : pools.values()) {
                pool.flush();
            }
        } catch (IOException e) {
            throw new DiskException(directory, e);
        }
        nextOffset = newNextOffset;
    }

    /// Makes the readable rows durable, and writes the checkpoint.
    public void checkpoint() {
        if (distrusted || nextOffset == checkpointedOffset) {
            return;
        }
        try {
            List<Checkpoint.Pool> facts = new ArrayList<>();
            for (Map.Entry<PoolId, PoolLog> entry : pools.entrySet()) {
                PoolLog pool = entry.getValue();
                pool.force();
                facts.add(new Checkpoint.Pool(
                        entry.getKey().source(), entry.getKey().split(), pool.rows(), pool.digestSum(pool.rows())));
            }
            new Checkpoint(topicId, rowBytes, firstOffset, nextOffset, facts).write(directory);
            checkpointedOffset = nextOffset;
            if (distrusted) {
                // It was distrusted while this was written.
                Checkpoint.delete(directory);
            }
        } catch (IOException e) {
            throw new DiskException(directory, e);
        }
    }

    /// Whether the disk takes anything.
    ///
    /// @throws DiskException if it does not
    public void probe() {
        Path file = directory.resolve("probe");
        try {
            Files.write(file, new byte[PROBE_BYTES]);
            Files.delete(file);
        } catch (IOException e) {
            throw new DiskException(directory, e);
        }
    }

    /// What is on the disk is read again from Kafka at the next start.
    public void distrust() {
        try {
            distrusted = true;
            Checkpoint.delete(directory);
        } catch (IOException e) {
            LOG.warn("cannot delete a checkpoint, directory={}", directory, e);
        }
    }

    /// The first offset that Kafka had when this disk was filled.
    public long firstOffset() {
        return firstOffset;
    }

    /// Begins at this offset, where nothing is here yet: what comes before is gone from Kafka.
    public void beginAt(long offset) {
        if (nextOffset != 0) {
            throw new IllegalStateException("rows are here already, up to offset " + nextOffset);
        }
        firstOffset = offset;
        nextOffset = offset;
        appendedOffset = offset;
    }

    /// The first offset that is not in the rows.
    public long nextOffset() {
        return nextOffset;
    }

    public Set<String> sources(Split split) {
        return pools.keySet().stream()
                .filter(id -> id.split() == split)
                .map(PoolId::source)
                .collect(Collectors.toSet());
    }

    long rows(String source, Split split) {
        PoolLog pool = pools.get(new PoolId(source, split));
        return pool == null ? 0 : pool.rows();
    }

    long rowsBefore(String source, Split split, long offset) {
        PoolLog pool = pools.get(new PoolId(source, split));
        return pool == null ? 0 : pool.rowsBefore(offset);
    }

    long digestBefore(String source, Split split, long offset) {
        PoolLog pool = pools.get(new PoolId(source, split));
        return pool == null ? 0 : pool.digestSum(pool.rowsBefore(offset));
    }

    @Nullable
    PoolLog pool(String source, Split split) {
        return pools.get(new PoolId(source, split));
    }

    /// See [SegmentStore#restore].
    void restore() throws IOException {
        for (PoolLog pool : pools.values()) {
            pool.restore();
        }
    }

    @Override
    public void close() {
        pools.values().forEach(PoolLog::close);
        pools.clear();
    }

    private PoolLog pool(PoolId id) throws IOException {
        PoolLog existing = pools.get(id);
        if (existing != null) {
            return existing;
        }
        if (pools.size() >= 2 * Limits.MAX_SOURCES) {
            throw new StorageException(
                    "a corpus has at most " + Limits.MAX_SOURCES + " sources, but '" + id.source() + "' is one more",
                    null);
        }
        PoolLog made = PoolLog.open(directoryOf(id), place, rowBytes, 0);
        pools.put(id, made);
        return made;
    }

    private boolean load(Checkpoint checkpoint) throws IOException {
        if (!checkpoint.topicId().equals(topicId) || checkpoint.rowBytes() != rowBytes) {
            LOG.warn("rows of another topic are thrown away, directory={}", directory);
            return false;
        }
        for (Checkpoint.Pool facts : checkpoint.pools()) {
            PoolId id = new PoolId(facts.source(), facts.split());
            PoolLog pool = PoolLog.open(directoryOf(id), place, rowBytes, facts.rows());
            pools.put(id, pool);
            if (pool.digestSum(facts.rows()) != facts.digestSum()) {
                LOG.warn("damaged rows are thrown away and read again, directory={} pool={}", directory, id);
                close();
                return false;
            }
        }
        checkpoint.pools().forEach(facts -> disk.add(facts.rows() * (rowBytes + PoolLog.FACT_BYTES)));
        firstOffset = checkpoint.firstOffset();
        nextOffset = checkpoint.nextOffset();
        checkpointedOffset = nextOffset;
        appendedOffset = nextOffset;
        return true;
    }

    /// Sources may hold any character, so their directories are named in hexadecimal.
    private Path directoryOf(PoolId id) {
        byte[] name = Digests.sha256(id.source().getBytes(StandardCharsets.UTF_8));
        return directory.resolve(id.split().text() + "-" + HexFormat.of().formatHex(name, 0, 16));
    }

    private static void clear(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                if (!file.equals(directory)) {
                    Files.delete(file);
                }
            }
        }
    }
}
