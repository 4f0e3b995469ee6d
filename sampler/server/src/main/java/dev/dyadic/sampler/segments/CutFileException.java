package dev.dyadic.sampler.segments;

import dev.dyadic.proto.Bucket;

/// A file of rows cannot be read where it has to have something: it was cut under this process, or its disk fails.
public final class CutFileException extends StorageException {
    private static final long serialVersionUID = 1L;

    private final transient Bucket bucket;
    private final int partition;

    CutFileException(PartitionStore.Place place) {
        super(
                "the rows of length " + place.bucket().length() + " partition " + place.partition() + " in "
                        + place.directory() + " cannot be read: a file there was cut, or its disk fails; start this"
                        + " sampler again: it then reads that partition from Kafka anew",
                null);
        this.bucket = place.bucket();
        this.partition = place.partition();
    }

    public Bucket bucket() {
        return bucket;
    }

    public int partition() {
        return partition;
    }
}
