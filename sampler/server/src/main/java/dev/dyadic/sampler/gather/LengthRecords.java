package dev.dyadic.sampler.gather;

import dev.dyadic.proto.Bucket;
import java.util.List;
import java.util.Map;

/// Single records of the length topics, by offset: the log itself, which has what this replica's disk may have lost.
public interface LengthRecords {
    /// The topic of a length.
    String name(Bucket bucket);

    /// @param offsets ascending
    /// @return values by offset; those that the log no longer has are missing
    Map<Long, byte[]> read(Bucket bucket, int partition, List<Long> offsets);

    /// First offset that the log has.
    long beginning(Bucket bucket, int partition);
}
