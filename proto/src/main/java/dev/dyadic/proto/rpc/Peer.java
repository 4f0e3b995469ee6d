package dev.dyadic.proto.rpc;

import io.grpc.Attributes;
import io.grpc.Context;
import io.grpc.Grpc;
import java.net.InetSocketAddress;
import java.util.Optional;

/// Where a call comes from.
///
/// @param host its address, without a port
public record Peer(String host, int port) {
    private static final Peer UNKNOWN = new Peer("unknown", 0);
    static final Context.Key<Peer> KEY = Context.keyWithDefault("dyadic-peer", UNKNOWN);

    /// Of the call that is being answered.
    public static Peer current() {
        return KEY.get();
    }

    static Peer of(Attributes attributes) {
        return Optional.ofNullable(attributes.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR))
                .filter(InetSocketAddress.class::isInstance)
                .map(InetSocketAddress.class::cast)
                .map(address -> new Peer(address.getHostString(), address.getPort()))
                .orElse(UNKNOWN);
    }

    /// host:port
    @Override
    public String toString() {
        return host + ":" + port;
    }
}
