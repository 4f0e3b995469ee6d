package dev.dyadic.decomposer;

import java.util.Optional;
import java.util.Set;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.processor.StreamPartitioner;

/// An encoded record on its way to the partition number of its document.
final class Outgoing {
    static final Serializer<Outgoing> SERIALIZER = (topic, outgoing) -> outgoing.bytes;
    static final StreamPartitioner<byte[], Outgoing> PARTITIONER =
            (topic, key, outgoing, partitions) -> Optional.of(Set.of(outgoing.partition));

    private final int partition;
    private final byte[] bytes;

    /// Takes the array over.
    Outgoing(int partition, byte[] bytes) {
        this.partition = partition;
        this.bytes = bytes;
    }
}
