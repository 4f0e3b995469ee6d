package dev.dyadic.sampler.watch;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/// Keeps where a call comes from, for those who watch.
public final class CallerAddress implements ServerInterceptor {
    private static final String UNKNOWN = "unknown";
    private static final Context.Key<String> KEY = Context.keyWithDefault("dyadic-peer", UNKNOWN);

    /// host:port of the call that is being answered.
    public static String current() {
        return KEY.get();
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        SocketAddress address = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        String text = address instanceof InetSocketAddress inet ? inet.getHostString() + ":" + inet.getPort() : UNKNOWN;
        return Contexts.interceptCall(Context.current().withValue(KEY, text), call, headers, next);
    }
}
