package dev.dyadic.sampler.serve;

import dev.dyadic.proto.DyadicException;
import dev.dyadic.sampler.order.OrderContradictionException;
import dev.dyadic.sampler.wire.RetryAfter;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Turns failures into gRPC statuses. No other place makes them.
final class Statuses {
    private static final Logger LOG = LoggerFactory.getLogger(Statuses.class);

    private static final long RETRY_MILLIS = 200;

    private Statuses() {}

    static StatusRuntimeException of(Throwable failure) {
        return switch (failure) {
            case OrderContradictionException e ->
                Status.DATA_LOSS
                        .withDescription(e.getMessage()
                                + (e.place().isPresent()
                                        ? "; this sampler does not serve the run: start it again, it then reads that"
                                                + " partition from Kafka anew"
                                        : "; this sampler does not serve the run"))
                        .withCause(e)
                        .asRuntimeException();
            case DyadicException e ->
                switch (e.kind()) {
                    case INVALID -> status(Status.INVALID_ARGUMENT, e);
                    case NOT_FOUND -> status(Status.NOT_FOUND, e);
                    case MISMATCH -> status(Status.FAILED_PRECONDITION, e);
                    case NOT_READY, OUTSIDE -> retry(Status.UNAVAILABLE, e);
                    case OUT_OF_RANGE -> status(Status.OUT_OF_RANGE, e);
                    case TOO_MANY_CALLS -> retry(Status.RESOURCE_EXHAUSTED, e);
                    case DATA_LOSS -> status(Status.DATA_LOSS, e);
                };
            case InterruptedException _ ->
                Status.UNAVAILABLE.withDescription("the sampler is stopping").asRuntimeException();
            default -> {
                LOG.error("a call failed: this is a defect of the sampler", failure);
                yield Status.INTERNAL
                        .withDescription("internal error, see the sampler's log")
                        .withCause(failure)
                        .asRuntimeException();
            }
        };
    }

    private static StatusRuntimeException status(Status status, Exception e) {
        return status.withDescription(e.getMessage()).withCause(e).asRuntimeException();
    }

    private static StatusRuntimeException retry(Status status, Exception e) {
        Metadata trailers = new Metadata();
        trailers.put(RetryAfter.KEY, RetryAfter.text(RETRY_MILLIS));
        return status.withDescription(e.getMessage()).withCause(e).asRuntimeException(trailers);
    }
}
