package dev.dyadic.deploy.ops;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/// The connections that are open. Where there are too many, of one address or together, the oldest one is closed: of
/// that address, or of the one that has most. Used by the event loop alone.
final class OpsConnections {
    private final int max;
    private final int maxOfAddress;
    private final Map<String, Deque<Channel>> byAddress = new HashMap<>();
    private int open;

    OpsConnections(int max, int maxOfAddress) {
        this.max = max;
        this.maxOfAddress = maxOfAddress;
    }

    void enter(Channel channel) {
        String address = channel.remoteAddress() instanceof InetSocketAddress inet ? inet.getHostString() : "";
        Deque<Channel> ofAddress = byAddress.computeIfAbsent(address, _ -> new ArrayDeque<>());
        ofAddress.addLast(channel);
        open++;
        channel.closeFuture().addListener(_ -> leave(address, channel));
        if (ofAddress.size() > maxOfAddress) {
            close(ofAddress);
        } else if (open > max) {
            byAddress.values().stream()
                    .max((a, b) -> Integer.compare(a.size(), b.size()))
                    .ifPresent(OpsConnections::close);
        }
    }

    private static void close(Deque<Channel> channels) {
        ChannelFuture _ = channels.getFirst().close();
    }

    private void leave(String address, Channel channel) {
        byAddress.computeIfPresent(address, (_, channels) -> {
            open -= channels.remove(channel) ? 1 : 0;
            return channels.isEmpty() ? null : channels;
        });
    }
}
