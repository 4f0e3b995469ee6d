package dev.dyadic.deploy.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A link between clients and a server on this machine, which can be cut: what is under way is lost, and nobody comes
/// through until it is mended.
final class Relay implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Relay.class);
    private static final int BACKLOG = 64;

    private final int target;
    private final ServerSocket listening;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile boolean isCut;

    /// @param target port of the server
    Relay(int target) {
        this.target = target;
        try {
            this.listening = new ServerSocket(0, BACKLOG, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot listen", e);
        }
        Thread.ofVirtual().name("dyadic-relay").start(this::accept);
    }

    /// host:port that clients connect to.
    String address() {
        return "127.0.0.1:" + listening.getLocalPort();
    }

    void cut() {
        isCut = true;
        sockets.forEach(Relay::close);
    }

    void mend() {
        isCut = false;
    }

    @Override
    public void close() {
        try {
            listening.close();
        } catch (IOException e) {
            LOG.debug("closing a relay failed", e);
        }
        sockets.forEach(Relay::close);
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                Thread.ofVirtual().name("dyadic-relay").start(() -> connect(client));
            }
        } catch (IOException e) {
            LOG.debug("a relay has ended", e);
        }
    }

    @SuppressWarnings("AddressSelection") // the loopback address is one
    private void connect(Socket client) {
        Socket server = new Socket();
        sockets.add(client);
        sockets.add(server);
        try {
            if (isCut) {
                throw new IOException("the link is cut");
            }
            server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
            Thread.ofVirtual().name("dyadic-relay").start(() -> copy(server, client));
            copy(client, server);
        } catch (IOException e) {
            end(client, server);
        }
    }

    private void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException e) {
            LOG.debug("a link has ended", e);
        } finally {
            end(from, to);
        }
    }

    private void end(Socket one, Socket other) {
        close(one);
        close(other);
        sockets.remove(one);
        sockets.remove(other);
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("closing a socket failed", e);
        }
    }
}
