package dev.dyadic.proto.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.dyadic.v1.IngestGrpc;
import dev.dyadic.v1.IngestProto.PublishRequest;
import dev.dyadic.v1.IngestProto.PublishResponse;
import dev.dyadic.v1.SamplerGrpc;
import dev.dyadic.v1.SamplerProto.Batch;
import dev.dyadic.v1.SamplerProto.StreamBatchesRequest;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Calls that are open when what let them in is no longer valid.
final class OpenCallsTest {
    private static final String TOKEN = "a-token-for-the-tests-";
    private static final int SECONDS = 20;

    @TempDir
    private Path directory;

    private final Service service = new Service();
    private ClientSettings.Connection connection = ClientSettings.PLAIN.connect("127.0.0.1:1", builder -> builder);

    /// Streams without end, and a count of what was published.
    private static final class Service {
        Optional<StreamObserver<PublishResponse>> answers = Optional.empty();
        final AtomicInteger published = new AtomicInteger();
        final CountDownLatch streamCancelled = new CountDownLatch(1);
        final CountDownLatch publishCancelled = new CountDownLatch(1);

        IngestGrpc.IngestImplBase ingest() {
            return new IngestGrpc.IngestImplBase() {
                @Override
                public StreamObserver<PublishRequest> publish(StreamObserver<PublishResponse> answers) {
                    Service.this.answers = Optional.of(answers);
                    // Else gRPC's own observer throws at whoever sends after a cancellation.
                    ((ServerCallStreamObserver<PublishResponse>) answers)
                            .setOnCancelHandler(publishCancelled::countDown);
                    return new StreamObserver<>() {
                        @Override
                        public void onNext(PublishRequest request) {
                            published.incrementAndGet();
                            answers.onNext(PublishResponse.getDefaultInstance());
                        }

                        @Override
                        public void onError(Throwable cause) {
                            // The handler above is told too.
                        }

                        @Override
                        public void onCompleted() {
                            answers.onCompleted();
                        }
                    };
                }
            };
        }

        SamplerGrpc.SamplerImplBase sampler() {
            return new SamplerGrpc.SamplerImplBase() {
                @Override
                public void streamBatches(StreamBatchesRequest request, StreamObserver<Batch> observer) {
                    ServerCallStreamObserver<Batch> batches = (ServerCallStreamObserver<Batch>) observer;
                    batches.setOnCancelHandler(streamCancelled::countDown);
                    batches.setOnCloseHandler(streamCancelled::countDown);
                    Batch batch = Batch.newBuilder()
                            .setTokens(ByteString.copyFrom(new byte[1 << 16]))
                            .build();
                    Thread.ofVirtual().start(() -> {
                        for (int i = 0; i < 100 && !batches.isCancelled(); i++) {
                            batches.onNext(batch);
                        }
                    });
                }
            };
        }
    }

    /// How a call ends.
    private static final class Ending<A> extends ClientCall.Listener<A> {
        final CompletableFuture<Status> status = new CompletableFuture<>();
        final CountDownLatch first = new CountDownLatch(1);

        @Override
        public void onMessage(A message) {
            first.countDown();
        }

        @Override
        public void onClose(Status ended, Metadata trailers) {
            status.complete(ended);
        }
    }

    @AfterEach
    void disconnect() {
        connection.channel().shutdownNow();
    }

    @Test
    void aCallerThatIsTakenOutOfTheFilePublishesNoMore() throws Exception {
        Path callers = callers("one publish token:" + TOKEN);
        try (AuditTrail trail = new AuditTrail();
                GrpcListener listener = listen(new AccessSettings(Optional.of(callers), Optional.empty()))) {
            Ending<PublishResponse> ending = new Ending<>();
            ClientCall<PublishRequest, PublishResponse> call =
                    start(listener, TOKEN, IngestGrpc.getPublishMethod(), ending);
            call.sendMessage(PublishRequest.getDefaultInstance());
            assertThat(ending.first.await(SECONDS, TimeUnit.SECONDS)).isTrue();

            long from = System.nanoTime();
            change(callers, "two publish token:" + TOKEN + "2");
            Status status = ending.status.get(SECONDS, TimeUnit.SECONDS);
            int published = service.published.get();
            call.sendMessage(PublishRequest.getDefaultInstance());

            assertThat(status.getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
            assertThat(status.getDescription())
                    .isEqualTo("what let this caller in is no longer valid, so the server ends its calls");
            assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - from)).isLessThan(SECONDS);
            assertThat(service.publishCancelled.await(SECONDS, TimeUnit.SECONDS))
                    .isTrue();
            assertThat(service.published.get()).isEqualTo(published);
            assertThat(trail.lines())
                    .contains("denied, caller=one from=PEER method=dyadic.v1.Ingest/Publish outcome=UNAUTHENTICATED"
                            + " reason=unknown-token leftOut=0");
        }
    }

    /// An interceptor has closed the call, of which the service does not know: what it sends afterwards is dropped.
    @Test
    void aMessageThatIsNoProtobufEndsAStreamWithoutAFailureOfItsService() throws Exception {
        try (GrpcListener listener = listen(AccessSettings.OFF)) {
            connection = ClientSettings.PLAIN.connect(listener.address(), builder -> builder);
            Ending<PublishResponse> ending = new Ending<>();
            ClientCall<byte[], PublishResponse> call = connection
                    .channel()
                    .newCall(
                            RequestMarshallerTest.sendingBytes(IngestGrpc.getPublishMethod()),
                            io.grpc.CallOptions.DEFAULT);
            call.start(ending, new Metadata());
            call.request(10);
            call.sendMessage(PublishRequest.getDefaultInstance().toByteArray());
            assertThat(ending.first.await(SECONDS, TimeUnit.SECONDS)).isTrue();
            call.sendMessage(new byte[] {0x0c});
            call.sendMessage(new byte[] {0x0c});

            assertThat(ending.status.get(SECONDS, TimeUnit.SECONDS).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            service.answers.orElseThrow().onNext(PublishResponse.getDefaultInstance());
            service.answers.orElseThrow().onCompleted();
        }
    }

    @Test
    void aCallerThatLosesTheRoleIsDeniedAndOthersGoOn() throws Exception {
        Path callers = callers("one publish token:" + TOKEN + "1\ntwo publish token:" + TOKEN + "2");
        try (GrpcListener listener = listen(new AccessSettings(Optional.of(callers), Optional.empty()))) {
            Ending<PublishResponse> first = new Ending<>();
            Ending<PublishResponse> second = new Ending<>();
            start(listener, TOKEN + "1", IngestGrpc.getPublishMethod(), first);
            connection.channel().shutdown();
            ClientCall<PublishRequest, PublishResponse> other =
                    start(listener, TOKEN + "2", IngestGrpc.getPublishMethod(), second);

            change(callers, "one read token:" + TOKEN + "1\ntwo publish token:" + TOKEN + "2");

            assertThat(first.status.get(SECONDS, TimeUnit.SECONDS).getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
            other.halfClose();
            assertThat(second.status.get(SECONDS, TimeUnit.SECONDS).getCode()).isEqualTo(Status.Code.OK);
        }
    }

    @Test
    void aStreamWhoseTokenExpiresEndsAndWhatItsClientDoesNotReadIsDropped() throws Exception {
        ECKey key = new ECKeyGenerator(Curve.P_256).keyID("one").generate();
        Path keys = Files.writeString(
                directory.resolve("jwks.json"), new JWKSet(key).toPublicJWKSet().toString());
        AccessSettings access = new AccessSettings(
                Optional.empty(),
                Optional.of(new AccessSettings.Jwt(keys.toUri(), "iss", "aud", "roles", Optional.empty())));
        // The leeway for clocks is nearly over.
        String token = token(key, Instant.now().minus(JwtVerifier.LEEWAY).plusSeconds(3));
        try (GrpcListener listener = listen(access)) {
            Ending<Batch> ending = new Ending<>();
            ClientCall<StreamBatchesRequest, Batch> call =
                    start(listener, token, SamplerGrpc.getStreamBatchesMethod(), ending);
            call.sendMessage(StreamBatchesRequest.getDefaultInstance());
            call.halfClose();
            assertThat(ending.first.await(SECONDS, TimeUnit.SECONDS)).isTrue();

            // The client reads one batch and no more; the service is freed all the same.
            assertThat(service.streamCancelled.await(SECONDS, TimeUnit.SECONDS)).isTrue();

            call.request(1000);
            assertThat(ending.status.get(SECONDS, TimeUnit.SECONDS).getCode())
                    .isIn(Status.Code.CANCELLED, Status.Code.UNAUTHENTICATED);
        }
    }

    private GrpcListener listen(AccessSettings access) throws IOException {
        ListenSettings settings = new ListenSettings(
                "127.0.0.1", 0, Optional.empty(), access, ListenSettings.Plaintext.ON_LOOPBACK, 8, 8, Optional.empty());
        return GrpcListener.start(
                "test",
                settings,
                Calls.LIMITS,
                List.of(service.ingest().bindService(), service.sampler().bindService()),
                new SimpleMeterRegistry());
    }

    private <Q, A> ClientCall<Q, A> start(
            GrpcListener listener, String token, io.grpc.MethodDescriptor<Q, A> method, Ending<A> ending) {
        connection = new ClientSettings(Optional.empty(), Optional.empty(), Optional.of(token), false)
                .connect(listener.address(), builder -> builder);
        ClientCall<Q, A> call = connection
                .channel()
                .newCall(
                        method,
                        io.grpc.CallOptions.DEFAULT.withCallCredentials(
                                connection.credentials().orElseThrow()));
        call.start(ending, new Metadata());
        call.request(1);
        return call;
    }

    private static String token(ECKey key, Instant end) throws JOSEException {
        SignedJWT jwt = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(),
                new JWTClaimsSet.Builder()
                        .issuer("iss")
                        .audience("aud")
                        .subject("trainer-1")
                        .claim("roles", "read")
                        .expirationTime(Date.from(end))
                        .build());
        jwt.sign(new ECDSASigner(key));
        return jwt.serialize();
    }

    private Path callers(String text) throws IOException {
        return Files.writeString(directory.resolve("callers"), text);
    }

    private static void change(Path file, String text) throws IOException {
        Files.writeString(file, text);
        Files.setLastModifiedTime(
                file, FileTime.from(Files.getLastModifiedTime(file).toInstant().plusSeconds(1)));
    }
}
