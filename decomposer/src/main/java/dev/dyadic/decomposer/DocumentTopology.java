package dev.dyadic.decomposer;

import dev.dyadic.decomposer.pipeline.DocumentPipeline;
import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.Topics;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.AutoOffsetReset;
import org.apache.kafka.streams.Topology;

/// documents → one processor → a sink for each bucket, and one for rejects.
final class DocumentTopology {
    private static final String SOURCE = "documents";
    private static final String PROCESSOR = "decompose";

    private DocumentTopology() {}

    static Topology of(
            Topics topics, Buckets buckets, DocumentPipeline pipeline, DecomposerMeters meters, Runnable check) {
        Topology topology = new Topology();
        topology.addSource(
                AutoOffsetReset.none(),
                SOURCE,
                new SaneTimestamps(),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer(),
                topics.documents());
        topology.addProcessor(PROCESSOR, () -> new DocumentProcessor(pipeline, meters, check), SOURCE);
        topology.addStateStore(SeenStore.builder(), PROCESSOR);
        for (Bucket bucket : buckets) {
            addSink(topology, DocumentProcessor.sequencesSink(bucket), topics.sequences(bucket));
        }
        addSink(topology, DocumentProcessor.REJECTS_SINK, topics.rejects());
        return topology;
    }

    private static void addSink(Topology topology, String name, String topic) {
        topology.addSink(name, topic, new ByteArraySerializer(), Outgoing.SERIALIZER, Outgoing.PARTITIONER, PROCESSOR);
    }
}
