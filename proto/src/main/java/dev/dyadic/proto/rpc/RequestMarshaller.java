package dev.dyadic.proto.rpc;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/// Answers requests that are no valid protobuf with INVALID_ARGUMENT. gRPC itself reads a request before any
/// interceptor sees it, ends the call with UNKNOWN, and logs a trace. Here such a request is read as null, and
/// [GuardedCall] ends the call.
final class RequestMarshaller<Q> implements MethodDescriptor.Marshaller<@Nullable Q> {
    private final MethodDescriptor.Marshaller<Q> original;

    private RequestMarshaller(MethodDescriptor.Marshaller<Q> original) {
        this.original = original;
    }

    /// The service, with requests read by this.
    static ServerServiceDefinition of(ServerServiceDefinition service) {
        return ServiceMethods.replaced(service, RequestMarshaller::lenient);
    }

    private static <Q, A> ServerMethodDefinition<Q, A> lenient(ServerMethodDefinition<Q, A> method) {
        MethodDescriptor<Q, A> descriptor = method.getMethodDescriptor();
        return ServerMethodDefinition.create(
                descriptor.toBuilder(
                                new RequestMarshaller<>(descriptor.getRequestMarshaller()),
                                descriptor.getResponseMarshaller())
                        .build(),
                method.getServerCallHandler());
    }

    @Override
    public InputStream stream(@Nullable Q value) {
        throw new IllegalStateException("a server writes no requests");
    }

    @Override
    public @Nullable Q parse(InputStream stream) {
        try {
            return original.parse(stream);
        } catch (StatusRuntimeException e) {
            if (e.getCause() instanceof InvalidProtocolBufferException) {
                return null;
            }
            throw e;
        }
    }

    /// What a call ends with whose request was read as null.
    static Status malformed(MethodDescriptor<?, ?> method) {
        return Status.INVALID_ARGUMENT.withDescription("the request of " + method.getFullMethodName()
                + " must be its message in protobuf, but its bytes are something else");
    }
}
