package dev.dyadic.sampler.serve;

import io.grpc.stub.StreamObserver;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Answers a call once: what fails after the answer was given is logged, and cannot answer it again. Owned by the
/// thread of the call.
final class OneAnswer<T> {
    private static final Logger LOG = LoggerFactory.getLogger(OneAnswer.class);

    private final StreamObserver<T> observer;
    private boolean given;

    OneAnswer(StreamObserver<T> observer) {
        this.observer = observer;
    }

    void give(T answer) {
        observer.onNext(answer);
        given = true;
        observer.onCompleted();
    }

    void fail(Throwable failure) {
        if (given) {
            LOG.error("a call failed after its answer was given", failure);
        } else {
            given = true;
            observer.onError(Statuses.of(failure));
        }
    }
}
