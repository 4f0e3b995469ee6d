package dev.dyadic.proto.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.v1.SamplerGrpc;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class RequestMarshallerTest {
    /// The end of a group that did not begin, and a field that is longer than what follows.
    private static final List<byte[]> NO_PROTOBUF = List.of(new byte[] {0x0c}, new byte[] {0x0a, 0x7f, 1});

    @Test
    void requestsThatAreNoProtobufAreInvalidForEveryMethod() throws Exception {
        try (GrpcListener listener = Calls.listen(ListenSettings.loopback(0))) {
            ClientSettings.Connection connection = ClientSettings.PLAIN.connect(listener.address(), builder -> builder);
            ManagedChannel channel = connection.channel();
            for (MethodDescriptor<?, ?> method : List.of(
                    SamplerGrpc.getGetBatchMethod(),
                    SamplerGrpc.getStreamBatchesMethod(),
                    SamplerGrpc.getOpenRunMethod(),
                    SamplerGrpc.getGetBatchesMethod())) {
                for (byte[] bytes : NO_PROTOBUF) {
                    Status status = Calls.call(channel, CallOptions.DEFAULT, sending(method, bytes));

                    assertThat(status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
                    assertThat(status.getDescription())
                            .isEqualTo("the request of " + method.getFullMethodName()
                                    + " must be its message in protobuf, but its bytes are something else");
                }
            }
            // The connection lives on.
            assertThat(Calls.call(channel, CallOptions.DEFAULT, SamplerGrpc.getCommitMethod())
                            .getCode())
                    .isEqualTo(Status.Code.UNIMPLEMENTED);
            channel.shutdownNow();
        }
    }

    /// The method, with the bytes in place of each request.
    private static <Q, A> MethodDescriptor<byte[], A> sending(MethodDescriptor<Q, A> method, byte[] bytes) {
        return with(method, bytes);
    }

    /// The method, whose requests are bytes.
    static <Q, A> MethodDescriptor<byte[], A> sendingBytes(MethodDescriptor<Q, A> method) {
        return with(method, null);
    }

    private static <Q, A> MethodDescriptor<byte[], A> with(MethodDescriptor<Q, A> method, byte @Nullable [] always) {
        return method.toBuilder(
                        new MethodDescriptor.Marshaller<byte[]>() {
                            @Override
                            public InputStream stream(byte[] value) {
                                return new ByteArrayInputStream(always == null ? value : always);
                            }

                            @Override
                            public byte[] parse(InputStream stream) {
                                try {
                                    return stream.readAllBytes();
                                } catch (IOException e) {
                                    throw new UncheckedIOException(e);
                                }
                            }
                        },
                        method.getResponseMarshaller())
                .build();
    }
}
