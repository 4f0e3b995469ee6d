package dev.dyadic.deploy.broker;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;

/// Ports for services that start a little later. Whatever connects to a service in between is given one of the ports
/// that systems keep for that, by default from 32768 on Linux and from 49152 elsewhere, so these come from below them:
/// a
/// port that the system chose for a listener can be gone by the time that it is used.
public final class FreePorts {
    private static final int FIRST = 20_000;
    private static final int END = 32_768;
    private static final int TRIES = 1_000;
    private static final Set<Integer> GIVEN = new HashSet<>();

    private FreePorts() {}

    /// A port of 127.0.0.1 that nobody listens to, and that this process has not been given before.
    public static synchronized int next() {
        for (int i = 0; i < TRIES; i++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, END);
            if (!GIVEN.contains(port) && isFree(port)) {
                GIVEN.add(port);
                return port;
            }
        }
        throw new BrokerException("no port of 127.0.0.1 from " + FIRST + " to " + (END - 1) + " is free", null);
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
