package dev.dyadic.decomposer;

import dev.dyadic.decomposer.pipeline.DocumentPipeline;
import dev.dyadic.decomposer.pipeline.Incoming;
import dev.dyadic.decomposer.pipeline.Outcome;
import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Codecs;
import dev.dyadic.proto.avro.Sequence;
import java.nio.ByteBuffer;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/// Runs the pipeline on each record and forwards what comes of it. Owned by one stream task.
final class DocumentProcessor implements Processor<byte[], byte[], byte[], Outgoing> {
    static final String REJECTS_SINK = "rejects";

    private final DocumentPipeline pipeline;
    private final DecomposerMeters meters;
    private final Runnable check;
    private @Nullable ProcessorContext<byte[], Outgoing> context;
    private @Nullable SeenStore seen;

    /// @param check what has to hold before a partition is taken up: Kafka Streams makes a changelog anew that is gone
    DocumentProcessor(DocumentPipeline pipeline, DecomposerMeters meters, Runnable check) {
        this.pipeline = pipeline;
        this.meters = meters;
        this.check = check;
    }

    static String sequencesSink(Bucket bucket) {
        return "sequences-" + bucket.log2();
    }

    @Override
    public void init(ProcessorContext<byte[], Outgoing> context) {
        check.run();
        this.context = context;
        this.seen = new SeenStore(context.getStateStore(SeenStore.NAME));
    }

    @Override
    public void process(Record<byte[], byte[]> record) {
        ProcessorContext<byte[], Outgoing> to = context;
        if (to == null || seen == null) {
            throw new IllegalStateException("process before init");
        }
        RecordMetadata at = to.recordMetadata()
                .orElseThrow(() -> new IllegalStateException("a document record without topic and offset"));
        Incoming incoming =
                new Incoming(at.topic(), at.offset(), record.timestamp(), wrap(record.key()), wrap(record.value()));
        switch (pipeline.process(incoming, seen)) {
            case Outcome.Decomposed(var sequences) -> {
                meters.decomposed();
                for (Sequence sequence : sequences) {
                    Bucket bucket = Bucket.of(sequence.getLog2());
                    meters.sequence(bucket);
                    Outgoing outgoing = new Outgoing(at.partition(), Codecs.SEQUENCE.encode(sequence));
                    to.forward(out(record, outgoing), sequencesSink(bucket));
                }
            }
            case Outcome.Rejected(var reject) -> {
                meters.rejected(reject.getReason());
                to.forward(out(record, new Outgoing(at.partition(), Codecs.REJECT.encode(reject))), REJECTS_SINK);
            }
            case Outcome.Repeated() -> meters.repeated();
        }
    }

    /// No key: the partition is set, and the topics are never compacted. No headers: those of a document may have any
    /// size, and a record that is too large would end the stream.
    private static Record<byte[], Outgoing> out(Record<byte[], byte[]> in, Outgoing outgoing) {
        return new Record<>(null, outgoing, in.timestamp());
    }

    private static @Nullable ByteBuffer wrap(byte @Nullable [] bytes) {
        return bytes == null ? null : ByteBuffer.wrap(bytes);
    }
}
