package dev.dyadic.decomposer;

import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.processor.TimestampExtractor;

/// The record's time where it is believable, else now: an absurd one would stop Streams.
public final class SaneTimestamps implements TimestampExtractor {
    private static final long MAX_AHEAD_MILLIS = TimeUnit.DAYS.toMillis(1);

    @Override
    public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
        long now = System.currentTimeMillis();
        long given = record.timestamp();
        return given >= 0 && given <= now + MAX_AHEAD_MILLIS ? given : now;
    }
}
