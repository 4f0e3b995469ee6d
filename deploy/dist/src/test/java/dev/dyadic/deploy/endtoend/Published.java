package dev.dyadic.deploy.endtoend;

import dev.dyadic.v1.IngestProto.PublishResponse;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// What a call that publishes was answered.
final class Published implements StreamObserver<PublishResponse> {
    private static final int SECONDS = 60;

    private final List<PublishResponse> answers = Collections.synchronizedList(new ArrayList<>());
    private final CompletableFuture<Void> end = new CompletableFuture<>();

    /// Once the call has ended well; throws what it failed with.
    List<PublishResponse> await() {
        end.orTimeout(SECONDS, TimeUnit.SECONDS).join();
        return answers;
    }

    /// So far.
    List<PublishResponse> answers() {
        return answers;
    }

    @Override
    public void onNext(PublishResponse answer) {
        answers.add(answer);
    }

    @Override
    public void onError(Throwable cause) {
        end.completeExceptionally(cause);
    }

    @Override
    public void onCompleted() {
        end.complete(null);
    }
}
