package dev.dyadic.sampler.serve;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.proto.DyadicException;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OneAnswerTest {
    private final List<String> events = new ArrayList<>();
    private final OneAnswer<String> answer = new OneAnswer<>(new StreamObserver<>() {
        @Override
        public void onNext(String value) {
            events.add(value);
        }

        @Override
        public void onError(Throwable failure) {
            events.add(Status.fromThrowable(failure).getCode().toString());
        }

        @Override
        public void onCompleted() {
            events.add("completed");
        }
    });

    @Test
    void whatFailsAfterTheAnswerDoesNotAnswerAgain() {
        answer.give("batch");
        answer.fail(new IllegalStateException("reading ahead failed"));

        assertThat(events).containsExactly("batch", "completed");
    }

    @Test
    void aFailureIsAnsweredOnce() {
        answer.fail(new DyadicException(DyadicException.Kind.NOT_READY, "not yet"));
        answer.fail(new IllegalStateException("and something else"));

        assertThat(events).containsExactly("UNAVAILABLE");
    }
}
