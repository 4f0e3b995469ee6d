package dev.dyadic.sampler.order;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.DyadicException;
import java.util.Optional;

/// What this program computes, or the data it has, contradicts the ledger. Serving the run has to stop.
public final class OrderContradictionException extends DyadicException {
    private final Optional<Place> place;

    /// Rows of a partition that contradict the ledger.
    public record Place(Bucket bucket, int partition) {}

    public OrderContradictionException(String message) {
        this(message, Optional.empty());
    }

    OrderContradictionException(String message, Bucket bucket, int partition) {
        this(message, Optional.of(new Place(bucket, partition)));
    }

    private OrderContradictionException(String message, Optional<Place> place) {
        super(Kind.DATA_LOSS, message);
        this.place = place;
    }

    /// Where the rows are that contradict the ledger; empty if it is not about rows.
    public Optional<Place> place() {
        return place;
    }
}
