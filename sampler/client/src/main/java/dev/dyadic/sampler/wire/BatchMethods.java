package dev.dyadic.sampler.wire;

import dev.dyadic.proto.rpc.ServiceMethods;
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
        return ServiceMethods.replaced(service, method -> {
            String name = method.getMethodDescriptor().getFullMethodName();
            if (name.equals(GET_BATCH.getFullMethodName())) {
                return replaced(service, GET_BATCH);
            }
            return name.equals(STREAM_BATCHES.getFullMethodName()) ? replaced(service, STREAM_BATCHES) : method;
        });
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
