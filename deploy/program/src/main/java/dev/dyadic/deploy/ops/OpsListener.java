package dev.dyadic.deploy.ops;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// Listens for HTTP, and bounds what clients can cause: connections together and of one address, the size of a request,
/// the time to send one and to take its answer, and how many large answers are made or unread.
///
/// A connection beyond the bounds is let in, and an older one is closed for it: whoever asks at once is answered, also
/// where others hold connections open.
final class OpsListener implements AutoCloseable {
    static final int MAX_CONNECTIONS = 256;
    static final int MAX_CONNECTIONS_OF_ADDRESS = 64;
    static final int MAX_LINE_BYTES = 4 << 10;
    static final int MAX_HEADER_BYTES = 16 << 10;
    private static final int HEALTH_THREADS = 2;
    private static final int WORK_THREADS = 2;
    private static final int MAX_WAITING = 64;
    private static final int BACKLOG = 256;
    private static final int CLOSE_SECONDS = 5;

    private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("dyadic-ops-net", true), NioIoHandler.newFactory());
    private final ExecutorService health = threads("dyadic-health-", HEALTH_THREADS);
    private final ExecutorService work = threads("dyadic-ops-", WORK_THREADS);
    private final String host;
    private final Channel channel;

    private OpsListener(String host, int port, Set<String> names, Function<QueryStringDecoder, OpsRoute> routes) {
        this.host = host;
        OpsConnections connections = new OpsConnections(MAX_CONNECTIONS, MAX_CONNECTIONS_OF_ADDRESS);
        OpsHandler.Shared shared = new OpsHandler.Shared(routes, new HostNames(host, names), health, work);
        try {
            this.channel = new ServerBootstrap()
                    .group(group)
                    .channel(NioServerSocketChannel.class)
                    .option(ChannelOption.SO_BACKLOG, BACKLOG)
                    .childHandler(new ChannelInitializer<SocketChannel>() {
                        @Override
                        protected void initChannel(SocketChannel child) {
                            connections.enter(child);
                            child.pipeline()
                                    .addLast(
                                            new HttpServerCodec(MAX_LINE_BYTES, MAX_HEADER_BYTES, MAX_HEADER_BYTES),
                                            new OpsHandler(shared));
                        }
                    })
                    .bind(new InetSocketAddress(host, port))
                    .syncUninterruptibly()
                    .channel();
        } catch (Exception e) {
            closeThreads();
            // Netty throws what the system says as it is, also where nothing declares it.
            throw new OpsException(
                    "cannot listen on " + host + ":" + port + ": " + e.getMessage()
                            + "; stop what uses it, or name another --ops",
                    e);
        }
    }

    /// @param port 0: any free one
    /// @param names by which it may be asked, see [HostNames]
    static OpsListener start(String host, int port, Set<String> names, Function<QueryStringDecoder, OpsRoute> routes) {
        return new OpsListener(host, port, names, routes);
    }

    /// host:port
    String address() {
        return host + ":" + ((InetSocketAddress) channel.localAddress()).getPort();
    }

    @Override
    public void close() {
        channel.close().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
        closeThreads();
    }

    private void closeThreads() {
        health.shutdownNow();
        work.shutdownNow();
        group.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS)
                .awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
    }

    /// What does not fit into the queue is refused.
    private static ExecutorService threads(String name, int count) {
        return new ThreadPoolExecutor(
                count,
                count,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(MAX_WAITING),
                Thread.ofPlatform().name(name, 0).daemon().factory());
    }
}
