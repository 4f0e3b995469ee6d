package dev.dyadic.sampler.serve;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Split;
import dev.dyadic.proto.Version;
import dev.dyadic.sampler.messages.SpecMessages;
import dev.dyadic.sampler.replicate.FreshnessMeter;
import dev.dyadic.sampler.replicate.Replicator;
import dev.dyadic.sampler.segments.SegmentStore;
import dev.dyadic.sampler.watch.InputWatch;
import dev.dyadic.sampler.watch.Notice;
import dev.dyadic.sampler.watch.RetentionWatch;
import dev.dyadic.v1.SamplerProto;
import dev.dyadic.v1.SamplerProto.CorpusDescription;
import dev.dyadic.v1.SamplerProto.Freshness;
import dev.dyadic.v1.SamplerProto.PoolDescription;
import java.time.InstantSource;
import java.util.List;

/// What this replica holds, and how fresh it is, as a message.
public final class CorpusDescriber {
    private final CorpusSettings corpus;
    private final SegmentStore store;
    private final Replicator replicator;
    private final InputWatch input;
    private final RetentionWatch retention;
    private final InstantSource clock;
    private final String replica;

    public CorpusDescriber(
            CorpusSettings corpus,
            String replica,
            SegmentStore store,
            Replicator replicator,
            InputWatch input,
            RetentionWatch retention,
            InstantSource clock) {
        this.clock = clock;
        this.corpus = corpus;
        this.replica = replica;
        this.store = store;
        this.replicator = replicator;
        this.input = input;
        this.retention = retention;
    }

    CorpusDescription describe() {
        FreshnessMeter.Snapshot freshness = replicator.freshness();
        CorpusDescription.Builder builder = CorpusDescription.newBuilder()
                .setCorpus(corpus.corpus())
                .setReplica(replica)
                .setVersion(Version.TEXT)
                .setNowMillis(clock.millis())
                .setFormat(SpecMessages.format(corpus.tokenizer(), corpus.layout()))
                .setMinLength(corpus.buckets().minLength())
                .setMaxLength(corpus.buckets().maxLength())
                .setPartitions(corpus.partitions())
                .setLongDocuments(corpus.longDocuments().text())
                .setReplicationLagRecords(replicator.lagRecords())
                .addAllStalls(notices(input.stalls()))
                .addAllWarnings(notices(retention.warnings()))
                .setDiskBytes(store.disk().usedBytes())
                .setDiskLimitBytes(store.disk().limitBytes())
                .setFreshness(Freshness.newBuilder()
                        .setRows(freshness.rows())
                        .setP50Millis(freshness.p50Millis())
                        .setP99Millis(freshness.p99Millis())
                        .setMaxMillis(freshness.maxMillis()));
        for (Bucket bucket : corpus.buckets()) {
            for (Split split : Split.values()) {
                for (String source : store.sources(bucket, split)) {
                    builder.addPools(PoolDescription.newBuilder()
                            .setLength(bucket.length())
                            .setSource(source)
                            .setSplit(SpecMessages.format(split))
                            .setRows(store.rows(bucket, source, split)));
                }
            }
        }
        return builder.build();
    }

    private List<SamplerProto.Notice> notices(List<Notice> notices) {
        long now = clock.millis();
        return notices.stream()
                .map(notice -> SamplerProto.Notice.newBuilder()
                        .setText(notice.text())
                        .setSinceMillis(notice.sinceMillis(now))
                        .build())
                .toList();
    }
}
