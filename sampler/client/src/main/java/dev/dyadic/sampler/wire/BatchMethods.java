package dev.dyadic.sampler.wire;

import dev.dyadic.v1.SamplerGrpc;
import dev.dyadic.v1.SamplerProto.Batch;
import dev.dyadic.v1.SamplerProto.GetBatchRequest;
import dev.dyadic.v1.SamplerProto.StreamBatchesRequest;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;

/// The methods that answer with batches, with [BatchMarshaller] in place of the generated one. The bytes are the same.
public final class BatchMethods {
    public static final MethodDescriptor<GetBatchRequest, Batch> GET_BATCH = fast(SamplerGrpc.getGetBatchMethod());
    public static final MethodDescriptor<StreamBatchesRequest, Batch> STREAM_BATCHES =
            fast(SamplerGrpc.getStreamBatchesMethod());

    private BatchMethods() {}

    /// The service with its batch methods made fast.
    public static ServerServiceDefinition of(ServerServiceDefinition service) {
        ServerServiceDefinition.Builder builder =
                ServerServiceDefinition.builder(service.getServiceDescriptor().getName());
        for (ServerMethodDefinition<?, ?> method : service.getMethods()) {
            add(builder, service, method);
        }
        return builder.build();
    }

    private static void add(
            ServerServiceDefinition.Builder builder,
            ServerServiceDefinition service,
            ServerMethodDefinition<?, ?> method) {
        String name = method.getMethodDescriptor().getFullMethodName();
        if (name.equals(GET_BATCH.getFullMethodName())) {
            builder.addMethod(replaced(service, GET_BATCH));
        } else if (name.equals(STREAM_BATCHES.getFullMethodName())) {
            builder.addMethod(replaced(service, STREAM_BATCHES));
        } else {
            builder.addMethod(method);
        }
    }

    @SuppressWarnings("unchecked") // the same method: only its marshaller is another
    private static <Q> ServerMethodDefinition<Q, Batch> replaced(
            ServerServiceDefinition service, MethodDescriptor<Q, Batch> method) {
        ServerMethodDefinition<Q, Batch> original =
                (ServerMethodDefinition<Q, Batch>) service.getMethod(method.getFullMethodName());
        return ServerMethodDefinition.create(method, original.getServerCallHandler());
    }

    private static <Q> MethodDescriptor<Q, Batch> fast(MethodDescriptor<Q, Batch> method) {
        return method.toBuilder(method.getRequestMarshaller(), new BatchMarshaller())
                .build();
    }
}
