package dev.dyadic.deploy.broker;

import dev.dyadic.proto.DirectoryLock;
import dev.dyadic.proto.Limits;
import dev.dyadic.proto.rpc.ListenSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;

/// One Kafka node, broker and controller, on the loopback interface. Its directory survives restarts.
public final class EmbeddedBroker implements AutoCloseable {
    private static final String HOST = "127.0.0.1";
    private static final int NODE_ID = 1;
    private static final int MAX_MESSAGE_BYTES = 2 * Limits.MAX_LEDGER_RECORD_BYTES;

    private final KafkaRaftServer server;
    private final int port;
    private final DirectoryLock lock;
    private final AtomicBoolean closed = new AtomicBoolean();

    private EmbeddedBroker(KafkaRaftServer server, int port, DirectoryLock lock) {
        this.server = server;
        this.port = port;
        this.lock = lock;
    }

    /// Starts and returns when clients can connect.
    ///
    /// @param port 0: any free one
    public static EmbeddedBroker start(Path directory, int port) {
        DirectoryLock lock = lock(directory);
        try {
            int brokerPort = port == 0 ? FreePorts.next() : requireFree(port);
            int controllerPort = FreePorts.next();
            Path log = directory.resolve("log");
            LogDirectory.format(log, NODE_ID, Uuid.randomUuid());
            KafkaRaftServer server =
                    new KafkaRaftServer(new KafkaConfig(properties(log, brokerPort, controllerPort)), Time.SYSTEM);
            server.startup();
            return new EmbeddedBroker(server, brokerPort, lock);
        } catch (RuntimeException e) {
            unlock(lock);
            throw e instanceof KafkaException
                    ? new BrokerException("cannot start Kafka in " + directory + ": " + e.getMessage(), e)
                    : e;
        }
    }

    /// What clients connect to: host:port.
    public String bootstrap() {
        return HOST + ":" + port;
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            server.shutdown();
            server.awaitShutdown();
            unlock(lock);
        }
    }

    private static Map<String, String> properties(Path log, int brokerPort, int controllerPort) {
        Map<String, String> properties = new HashMap<>();
        properties.put("process.roles", "broker,controller");
        properties.put("node.id", Integer.toString(NODE_ID));
        properties.put(
                "listeners", "PLAINTEXT://" + HOST + ":" + brokerPort + ",CONTROLLER://" + HOST + ":" + controllerPort);
        properties.put("advertised.listeners", "PLAINTEXT://" + HOST + ":" + brokerPort);
        properties.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
        properties.put("controller.listener.names", "CONTROLLER");
        properties.put("controller.quorum.voters", NODE_ID + "@" + HOST + ":" + controllerPort);
        properties.put("log.dirs", log.toString());
        properties.put("auto.create.topics.enable", "false");
        properties.put("num.partitions", "1");
        properties.put("default.replication.factor", "1");
        properties.put("min.insync.replicas", "1");
        properties.put("offsets.topic.num.partitions", "1");
        properties.put("offsets.topic.replication.factor", "1");
        properties.put("offsets.retention.minutes", Integer.toString(Integer.MAX_VALUE));
        properties.put("transaction.state.log.num.partitions", "1");
        properties.put("transaction.state.log.replication.factor", "1");
        properties.put("transaction.state.log.min.isr", "1");
        properties.put("group.initial.rebalance.delay.ms", "0");
        properties.put("num.network.threads", "1");
        properties.put("num.io.threads", "2");
        properties.put("message.max.bytes", Integer.toString(MAX_MESSAGE_BYTES));
        properties.put("log.retention.ms", "-1");
        properties.put("log.segment.bytes", Integer.toString(128 << 20));
        properties.put("log.index.size.max.bytes", Integer.toString(1 << 20));
        properties.put("log.cleaner.dedupe.buffer.size", Integer.toString(4 << 20));
        return properties;
    }

    /// A broker that cannot bind ends the process, so the port is tried first.
    private static int requireFree(int port) {
        ListenSettings.requirePort("Kafka's port", port);
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return port;
        } catch (IOException e) {
            throw new BrokerException(
                    "cannot listen on " + HOST + ":" + port + ": " + e.getMessage()
                            + "; stop what uses it, or name another port",
                    e);
        }
    }

    private static DirectoryLock lock(Path directory) {
        try {
            return DirectoryLock.acquire(directory);
        } catch (IOException e) {
            throw new BrokerException(String.valueOf(e.getMessage()), e);
        }
    }

    private static void unlock(DirectoryLock lock) {
        try {
            lock.close();
        } catch (IOException e) {
            throw new BrokerException(String.valueOf(e.getMessage()), e);
        }
    }
}
