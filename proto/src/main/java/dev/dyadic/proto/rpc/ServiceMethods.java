package dev.dyadic.proto.rpc;

import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// A service with other methods in place of its own.
public final class ServiceMethods {
    private ServiceMethods() {}

    /// Keeps the service's name, and its schema, which reflection shows.
    public static ServerServiceDefinition replaced(
            ServerServiceDefinition service, UnaryOperator<ServerMethodDefinition<?, ?>> replacement) {
        List<ServerMethodDefinition<?, ?>> methods = new ArrayList<>();
        service.getMethods().forEach(method -> methods.add(replacement.apply(method)));
        ServiceDescriptor.Builder descriptor = ServiceDescriptor.newBuilder(
                        service.getServiceDescriptor().getName())
                .setSchemaDescriptor(service.getServiceDescriptor().getSchemaDescriptor());
        methods.forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
        ServerServiceDefinition.Builder builder = ServerServiceDefinition.builder(descriptor.build());
        methods.forEach(builder::addMethod);
        return builder.build();
    }
}
