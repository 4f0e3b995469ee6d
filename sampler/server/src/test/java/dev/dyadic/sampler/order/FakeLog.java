package dev.dyadic.sampler.order;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.SplitMix64;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// The length topics in memory, one split. Window have gaps, as transaction markers make them.
final class FakeLog implements Availability {
    record Place(Bucket bucket, int partition) {}

    record Row(long offset, String source, long digest) {}

    private final Map<Place, List<Row>> rows = new HashMap<>();
    private final Map<Place, Long> ends = new HashMap<>();

    void append(Bucket bucket, int partition, String source, SplitMix64 random) {
        Place place = new Place(bucket, partition);
        long offset = endOffset(bucket, partition) + random.nextBelow(3);
        rows.computeIfAbsent(place, _ -> new ArrayList<>()).add(new Row(offset, source, random.next()));
        ends.put(place, offset + 1);
    }

    /// What a replica that lags sees.
    FakeLog until(SplitMix64 random) {
        FakeLog part = new FakeLog();
        ends.forEach((place, end) -> {
            long cut = random.nextBelow(end + 1);
            part.ends.put(place, cut);
            part.rows.put(
                    place,
                    rows.getOrDefault(place, List.of()).stream()
                            .filter(row -> row.offset() < cut)
                            .toList());
        });
        return part;
    }

    /// What a replica sees that has lost a row of each partition.
    FakeLog withoutFirstRow() {
        FakeLog damaged = new FakeLog();
        damaged.ends.putAll(ends);
        rows.forEach((place, list) -> damaged.rows.put(place, list.subList(1, list.size())));
        return damaged;
    }

    List<Row> rowsOf(PoolKey pool, int partition, long from, long to) {
        return rows.getOrDefault(new Place(pool.bucket(), partition), List.of()).stream()
                .filter(row -> row.offset() >= from
                        && row.offset() < to
                        && row.source().equals(pool.source()))
                .toList();
    }

    @Override
    public long endOffset(Bucket bucket, int partition) {
        return ends.getOrDefault(new Place(bucket, partition), 0L);
    }

    @Override
    public Set<String> sources(Bucket bucket) {
        Set<String> sources = new TreeSet<>();
        rows.forEach((place, list) -> {
            if (place.bucket().equals(bucket)) {
                list.forEach(row -> sources.add(row.source()));
            }
        });
        return sources;
    }

    @Override
    public long rows(PoolKey pool, int partition, long from, long to) {
        return rowsOf(pool, partition, from, to).size();
    }

    @Override
    public long digest(PoolKey pool, int partition, long from, long to) {
        return rowsOf(pool, partition, from, to).stream().mapToLong(Row::digest).sum();
    }
}
