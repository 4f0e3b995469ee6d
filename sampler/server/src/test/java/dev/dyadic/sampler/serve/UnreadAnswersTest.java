package dev.dyadic.sampler.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.dyadic.proto.rpc.ClientSettings;
import dev.dyadic.proto.rpc.GrpcListener;
import dev.dyadic.proto.rpc.ListenLimits;
import dev.dyadic.proto.rpc.ListenSettings;
import dev.dyadic.proto.rpc.StreamReset;
import dev.dyadic.v1.SamplerGrpc;
import dev.dyadic.v1.SamplerProto.Batch;
import dev.dyadic.v1.SamplerProto.GetBatchRequest;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Answers that are given whole, and that their clients do not read.
class UnreadAnswersTest {
    private static final int ANSWER_BYTES = 4 << 20;
    private static final int SECONDS = 20;

    private final UnreadAnswers unread = new UnreadAnswers(1_000);
    private final CallBudget budget = new CallBudget(4, 64 << 20);
    private final CountDownLatch given = new CountDownLatch(1);
    private final CountDownLatch left = new CountDownLatch(1);

    @Test
    void theyAreDroppedWithTheShareOfTheirCall() throws Exception {
        SamplerGrpc.SamplerImplBase service = new SamplerGrpc.SamplerImplBase() {
            @Override
            public void getBatch(GetBatchRequest request, StreamObserver<Batch> observer) {
                CallBudget.Share share = budget.enter(Lane.BATCHES, false, "connection", "caller");
                ServerCallStreamObserver<?> call = (ServerCallStreamObserver<?>) observer;
                call.setOnCloseHandler(left::countDown);
                call.setOnCancelHandler(() -> {
                    share.close();
                    unread.left(share);
                    left.countDown();
                });
                observer.onNext(Batch.newBuilder()
                        .setTokens(ByteString.copyFrom(new byte[ANSWER_BYTES]))
                        .build());
                observer.onCompleted();
                unread.given(share, StreamReset.current());
                given.countDown();
            }
        };
        try (GrpcListener listener = GrpcListener.start(
                "test",
                ListenSettings.loopback(0),
                new ListenLimits(1 << 20, 1 << 16, Duration.ZERO),
                List.of(service.bindService()),
                new SimpleMeterRegistry())) {
            ClientSettings.Connection connection =
                    ClientSettings.PLAIN.connect(listener.address(), builder -> builder.flowControlWindow(1 << 16));
            ClientCall<GetBatchRequest, Batch> call =
                    connection.channel().newCall(SamplerGrpc.getGetBatchMethod(), CallOptions.DEFAULT);
            call.start(new ClientCall.Listener<>() {}, new Metadata());
            call.sendMessage(GetBatchRequest.getDefaultInstance());
            call.halfClose();
            assertThat(given.await(SECONDS, TimeUnit.SECONDS)).isTrue();

            unread.look(System.nanoTime());
            assertThat(budget.callsInUse()).isEqualTo(1);
            assertThat(left.await(100, TimeUnit.MILLISECONDS)).isFalse();

            unread.look(System.nanoTime() + TimeUnit.SECONDS.toNanos(2));
            assertThat(left.await(SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(budget.callsInUse()).isZero();
            connection.channel().shutdownNow();
        }
    }
}
