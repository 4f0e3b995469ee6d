package dev.dyadic.proto.rpc;

import dev.dyadic.v1.IngestGrpc;
import dev.dyadic.v1.SamplerGrpc;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// A real listener whose services do nothing, and calls of any of its methods: a call that is let through ends with
/// UNIMPLEMENTED.
final class Calls {
    static final ListenLimits LIMITS = new ListenLimits(1 << 16, 1 << 16, Duration.ZERO);
    private static final int SECONDS = 20;

    private Calls() {}

    static List<ServerServiceDefinition> services() {
        return List.of(
                new SamplerGrpc.SamplerImplBase() {}.bindService(), new IngestGrpc.IngestImplBase() {}.bindService());
    }

    static GrpcListener listen(ListenSettings settings) throws IOException {
        return GrpcListener.start("test", settings, LIMITS, services(), new SimpleMeterRegistry());
    }

    /// @return how the call ended
    static Status call(GrpcListener listener, ClientSettings settings, MethodDescriptor<?, ?> method) {
        ClientSettings.Connection connection = settings.connect(listener.address(), builder -> builder);
        ManagedChannel channel = connection.channel();
        try (AutoCloseable _ = connection.resources()) {
            CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(SECONDS, TimeUnit.SECONDS);
            return call(
                    channel,
                    connection.credentials().map(options::withCallCredentials).orElse(options),
                    method);
        } catch (Exception e) {
            throw new IllegalStateException("the call did not end", e);
        } finally {
            channel.shutdownNow();
        }
    }

    static <Q, A> Status call(ManagedChannel channel, CallOptions options, MethodDescriptor<Q, A> method)
            throws Exception {
        CompletableFuture<Status> ended = new CompletableFuture<>();
        ClientCall<Q, A> call = channel.newCall(method, options);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        ended.complete(status);
                    }
                },
                new Metadata());
        call.request(1);
        call.sendMessage(method.parseRequest(new ByteArrayInputStream(new byte[0])));
        call.halfClose();
        return ended.get(SECONDS, TimeUnit.SECONDS);
    }
}
