package dev.dyadic.sampler.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.dyadic.proto.rpc.ClientSettings;
import dev.dyadic.proto.rpc.ClientTls;
import dev.dyadic.proto.rpc.GrpcListener;
import dev.dyadic.proto.rpc.ListenLimits;
import dev.dyadic.proto.rpc.ListenSettings;
import dev.dyadic.sampler.wire.RetryAfter;
import dev.dyadic.v1.SamplerGrpc;
import dev.dyadic.v1.SamplerProto.ListRunsRequest;
import dev.dyadic.v1.SamplerProto.ListRunsResponse;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// What a caller is told where no sampler, or another kind of server, is at the address.
class SamplerClientTest {
    /// Longer than the pause of a client that does not listen.
    private static final long PAUSE_MILLIS = 900;

    private static final ClientSettings TLS = new ClientSettings(
            Optional.of(new ClientTls(Optional.empty(), Optional.empty())), Optional.empty(), Optional.empty(), false);

    @Test
    void whereNobodyListensItSaysHowToStartOne() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }

        try (SamplerClient client = new SamplerClient("127.0.0.1:" + port, 0)) {
            assertThat(failure(client))
                    .hasMessage("no sampler answers at 127.0.0.1:" + port
                            + ": start one with 'dyadic sample' or 'dyadic dev', or name another --sampler");
        }
    }

    @Test
    void tlsWithAServerThatHasNoneSaysSo() throws IOException {
        try (GrpcListener plain = GrpcListener.start(
                        "test",
                        ListenSettings.loopback(0),
                        new ListenLimits(1 << 16, 1 << 16, Duration.ZERO),
                        List.of(),
                        new SimpleMeterRegistry());
                SamplerClient client = new SamplerClient(plain.address(), 0, TLS)) {
            assertThat(failure(client))
                    .hasMessageStartingWith("TLS with " + plain.address() + " failed: ")
                    .hasMessageEndingWith("--tls-ca names whom to trust, and without it and --tls no TLS is used");
        }
    }

    @Test
    void waitsAsLongAsTheSamplerAsks() throws IOException {
        List<Long> calls = new CopyOnWriteArrayList<>();
        SamplerGrpc.SamplerImplBase busy = new SamplerGrpc.SamplerImplBase() {
            @Override
            public void listRuns(ListRunsRequest request, StreamObserver<ListRunsResponse> observer) {
                calls.add(System.nanoTime());
                if (calls.size() == 1) {
                    Metadata trailers = new Metadata();
                    trailers.put(RetryAfter.KEY, RetryAfter.text(PAUSE_MILLIS));
                    observer.onError(Status.UNAVAILABLE.asRuntimeException(trailers));
                } else {
                    observer.onNext(ListRunsResponse.getDefaultInstance());
                    observer.onCompleted();
                }
            }
        };
        try (GrpcListener listener = GrpcListener.start(
                        "test",
                        ListenSettings.loopback(0),
                        new ListenLimits(1 << 16, 1 << 16, Duration.ZERO),
                        List.of(busy.bindService()),
                        new SimpleMeterRegistry());
                SamplerClient client = new SamplerClient(listener.address(), 60_000)) {
            assertThat(client.listRuns()).isEmpty();
        }

        assertThat(calls).hasSize(2);
        assertThat(TimeUnit.NANOSECONDS.toMillis(calls.get(1) - calls.get(0))).isGreaterThanOrEqualTo(PAUSE_MILLIS);
    }

    /// What the client says. On a machine that is very busy the first try may end before anything is known.
    private static SamplerClientException failure(SamplerClient client) {
        SamplerClientException failure = catchThrowableOfType(SamplerClientException.class, client::listRuns);
        for (int tries = 0; tries < 20 && failure.code() == Status.Code.DEADLINE_EXCEEDED; tries++) {
            failure = catchThrowableOfType(SamplerClientException.class, client::listRuns);
        }
        return failure;
    }
}
