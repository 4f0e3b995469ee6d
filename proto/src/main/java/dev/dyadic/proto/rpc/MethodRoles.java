package dev.dyadic.proto.rpc;

import static java.util.Map.entry;

import dev.dyadic.v1.IngestGrpc;
import dev.dyadic.v1.SamplerGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The role that each method asks for. A method that stands nowhere here is denied to everybody.
public final class MethodRoles {
    private static final Map<String, Role> ROLES = Map.ofEntries(
            entry(name(SamplerGrpc.getGetBatchMethod()), Role.READ),
            entry(name(SamplerGrpc.getGetBatchesMethod()), Role.READ),
            entry(name(SamplerGrpc.getStreamBatchesMethod()), Role.READ),
            entry(name(SamplerGrpc.getExplainMethod()), Role.READ),
            entry(name(SamplerGrpc.getTraceMethod()), Role.READ),
            entry(name(SamplerGrpc.getDescribeRunMethod()), Role.READ),
            entry(name(SamplerGrpc.getDescribeCorpusMethod()), Role.READ),
            entry(name(SamplerGrpc.getListRunsMethod()), Role.READ),
            entry(name(SamplerGrpc.getCommitMethod()), Role.TRAIN),
            entry(name(SamplerGrpc.getReportLossMethod()), Role.TRAIN),
            entry(name(SamplerGrpc.getOpenRunMethod()), Role.ADMIN),
            entry(name(SamplerGrpc.getAmendRunMethod()), Role.ADMIN),
            entry(name(SamplerGrpc.getForkRunMethod()), Role.ADMIN),
            entry(name(SamplerGrpc.getCloseRunMethod()), Role.ADMIN),
            entry(name(ServerReflectionGrpc.getServerReflectionInfoMethod()), Role.READ),
            entry(name(IngestGrpc.getPublishMethod()), Role.PUBLISH));

    /// For whoever looks whether the service is well: they say nothing else.
    private static final Set<String> OPEN = Set.of("grpc.health.v1.Health/Check", "grpc.health.v1.Health/Watch");

    private MethodRoles() {}

    /// @param method full name, `package.Service/Method`
    static Optional<Role> of(String method) {
        return Optional.ofNullable(ROLES.get(method));
    }

    /// Whether its calls change what others see and what stays: runs, checkpoints, documents. Losses that trainers
    /// report are shown, and forgotten.
    static boolean changes(String method) {
        Role role = ROLES.get(method);
        return role != null && role != Role.READ && !method.equals(name(SamplerGrpc.getReportLossMethod()));
    }

    static boolean isOpen(String method) {
        return OPEN.contains(method);
    }

    private static String name(MethodDescriptor<?, ?> method) {
        return method.getFullMethodName();
    }
}
