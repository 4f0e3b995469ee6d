package dev.dyadic.sampler.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.kafka.ClusterException;
import dev.dyadic.sampler.order.OrderContradictionException;
import dev.dyadic.sampler.wire.RetryAfter;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class StatusesTest {
    @ParameterizedTest
    @EnumSource
    void everyKindHasAStatusThatSaysWhatTheUserHasToKnow(DyadicException.Kind kind) {
        StatusRuntimeException status = Statuses.of(new DyadicException(kind, "what is wrong"));

        assertThat(status.getStatus().getCode())
                .isEqualTo(
                        switch (kind) {
                            case INVALID -> Status.Code.INVALID_ARGUMENT;
                            case NOT_FOUND -> Status.Code.NOT_FOUND;
                            case MISMATCH -> Status.Code.FAILED_PRECONDITION;
                            case NOT_READY, OUTSIDE -> Status.Code.UNAVAILABLE;
                            case OUT_OF_RANGE -> Status.Code.OUT_OF_RANGE;
                            case TOO_MANY_CALLS -> Status.Code.RESOURCE_EXHAUSTED;
                            case DATA_LOSS -> Status.Code.DATA_LOSS;
                        });
        assertThat(status.getStatus().getDescription()).isEqualTo("what is wrong");
    }

    @Test
    void whatMayHelpLaterNamesAPause() {
        assertThat(pause(new ClusterException("Kafka does not answer"))).isPresent();
        assertThat(pause(new DyadicException(DyadicException.Kind.TOO_MANY_CALLS, "busy")))
                .isPresent();
        assertThat(pause(new InvalidException("wrong"))).isEmpty();
    }

    @Test
    void aDefectIsNotToldAsTheCallersFault() {
        Status status = Statuses.of(new IllegalArgumentException("bound must be positive"))
                .getStatus();

        assertThat(status.getCode()).isEqualTo(Status.Code.INTERNAL);
        assertThat(status.getDescription()).isEqualTo("internal error, see the sampler's log");
    }

    @Test
    void aContradictionSaysWhatTheSamplerDoes() {
        assertThat(Statuses.of(new OrderContradictionException("rows contradict the ledger"))
                        .getStatus()
                        .getDescription())
                .isEqualTo("rows contradict the ledger; this sampler does not serve the run");
    }

    private static OptionalLong pause(RuntimeException failure) {
        return RetryAfter.millis(Statuses.of(failure).getTrailers());
    }
}
