package dev.dyadic.sampler.serve;

import dev.dyadic.proto.kafka.ClusterException;
import dev.dyadic.sampler.ledger.LedgerException;
import dev.dyadic.sampler.order.OrderContradictionException;
import dev.dyadic.sampler.segments.StorageException;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// From failures to gRPC statuses: the only place that makes them.
final class Statuses {
    private static final Logger LOG = LoggerFactory.getLogger(Statuses.class);

    /// With UNAVAILABLE: when to try again.
    static final Metadata.Key<String> RETRY_AFTER_MILLIS =
            Metadata.Key.of("retry-after-ms", Metadata.ASCII_STRING_MARSHALLER);

    private static final String RETRY_MILLIS = "200";

    private Statuses() {}

    static StatusRuntimeException of(Throwable failure) {
        return switch (failure) {
            case SamplerException e ->
                switch (e.kind()) {
                    case INVALID -> status(Status.INVALID_ARGUMENT, e);
                    case NOT_FOUND -> status(Status.NOT_FOUND, e);
                    case MISMATCH -> status(Status.FAILED_PRECONDITION, e);
                    case NOT_READY -> retry(Status.UNAVAILABLE, e);
                    case OUT_OF_RANGE -> status(Status.OUT_OF_RANGE, e);
                    case TOO_MANY_CALLS -> retry(Status.RESOURCE_EXHAUSTED, e);
                    case DATA_LOSS -> status(Status.DATA_LOSS, e);
                };
            case IllegalArgumentException e -> status(Status.INVALID_ARGUMENT, e);
            case OrderContradictionException e ->
                Status.DATA_LOSS
                        .withDescription(e.getMessage()
                                + (e.place().isPresent()
                                        ? "; this sampler does not serve the run: start it again, it then reads that"
                                                + " partition from Kafka anew"
                                        : "; this sampler does not serve the run"))
                        .withCause(e)
                        .asRuntimeException();
            case StorageException e -> status(Status.DATA_LOSS, e);
            case LedgerException e -> retry(Status.UNAVAILABLE, e);
            case ClusterException e -> retry(Status.UNAVAILABLE, e);
            case InterruptedException _ ->
                Status.UNAVAILABLE.withDescription("the sampler is stopping").asRuntimeException();
            default -> {
                LOG.error("call failed", failure);
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
        trailers.put(RETRY_AFTER_MILLIS, RETRY_MILLIS);
        return status.withDescription(e.getMessage()).withCause(e).asRuntimeException(trailers);
    }
}
