package dev.dyadic.proto.rpc;

import io.micrometer.core.instrument.Counter;
import io.netty.channel.Channel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/// Accepts connections up to a number; those beyond are closed at once, before TLS and before any buffer of theirs.
final class LimitedServerChannel extends NioServerSocketChannel {
    private final int maxConnections;
    private final AtomicInteger open;
    private final Counter refused;

    LimitedServerChannel(int maxConnections, AtomicInteger open, Counter refused) {
        this.maxConnections = maxConnections;
        this.open = open;
        this.refused = refused;
    }

    @Override
    protected int doReadMessages(List<Object> accepted) throws Exception {
        int before = accepted.size();
        int read = super.doReadMessages(accepted);
        for (int i = accepted.size() - 1; i >= before; i--) {
            if (accepted.get(i) instanceof Channel channel) {
                if (open.incrementAndGet() > maxConnections) {
                    open.decrementAndGet();
                    refused.increment();
                    accepted.remove(i);
                    channel.unsafe().closeForcibly();
                } else {
                    channel.closeFuture().addListener(_ -> open.decrementAndGet());
                }
            }
        }
        return read < 0 ? read : accepted.size() - before;
    }
}
