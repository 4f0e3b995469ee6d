package dev.dyadic.proto.rpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/// The outermost interceptor: makes each call one that can be ended, and keeps where it comes from.
final class CallGuard implements ServerInterceptor {
    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        GuardedCall<Q, A> guarded = new GuardedCall<>(call);
        Context context =
                Context.current().withValues(GuardedCall.KEY, guarded, Peer.KEY, Peer.of(call.getAttributes()));
        return guarded.listener(Contexts.interceptCall(context, guarded, headers, next));
    }
}
