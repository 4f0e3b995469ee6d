package dev.dyadic.proto.rpc;

import dev.dyadic.proto.InvalidException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;

/// Where a service listens, and whom it answers.
///
/// @param port 0: any free one
/// @param tls empty: plain text
/// @param plaintext what was asked for by name
/// @param maxConnections open at once; those beyond are closed before a byte is read
/// @param maxCallsPerConnection open at once
/// @param reflection whether callers that may read can ask for the services' descriptors
/// @param maxConnectionAge after which clients are asked to connect anew; 0: never; empty: as the service has it
public record ListenSettings(
        String host,
        int port,
        Optional<ServerTls> tls,
        AccessSettings access,
        Plaintext plaintext,
        int maxConnections,
        int maxCallsPerConnection,
        Optional<Duration> maxConnectionAge,
        boolean reflection) {
    private static final String LOOPBACK = "127.0.0.1";
    private static final int MAX_PORT = 65_535;
    public static final int DEFAULT_MAX_CONNECTIONS = 256;
    public static final int DEFAULT_MAX_CALLS_PER_CONNECTION = 128;

    public ListenSettings {
        requirePort("port", port);
        if (maxConnections < 1 || maxConnections > 100_000) {
            throw new InvalidException("max-connections must be between 1 and 100000, but was " + maxConnections);
        }
        if (maxCallsPerConnection < 1) {
            throw new InvalidException("max-calls-per-connection must be at least 1, but was " + maxCallsPerConnection);
        }
        maxConnectionAge.ifPresent(ListenLimits::requireAge);
        if (tls.isEmpty() && plaintext == Plaintext.ON_LOOPBACK) {
            requireLoopback(host);
        }
        if (tls.isEmpty() && access.isOn() && plaintext == Plaintext.ALLOWED && !isLoopback(host)) {
            throw new InvalidException("callers would send their tokens to " + host
                    + " in plain text, for whoever is on the way to take: give --tls-cert and --tls-key, listen at "
                    + LOOPBACK + ", or ask for it by name with --allow-plaintext-tokens");
        }
    }

    /// Where a service without TLS may listen.
    public enum Plaintext {
        ON_LOOPBACK,
        /// Anywhere: whoever is on the way may read and change what is sent.
        ALLOWED,
        /// Anywhere, and whoever is on the way may take tokens too.
        ALLOWED_WITH_TOKENS
    }

    /// @param name of the option, for the message
    /// @param port 0: any free one
    public static void requirePort(String name, int port) {
        if (port < 0 || port > MAX_PORT) {
            throw new InvalidException(name + " must be between 0 and " + MAX_PORT + ", but was " + port);
        }
    }

    /// Without reflection.
    public ListenSettings(
            String host,
            int port,
            Optional<ServerTls> tls,
            AccessSettings access,
            Plaintext plaintext,
            int maxConnections,
            int maxCallsPerConnection,
            Optional<Duration> maxConnectionAge) {
        this(host, port, tls, access, plaintext, maxConnections, maxCallsPerConnection, maxConnectionAge, false);
    }

    /// The same with reflection, where it is asked for.
    public ListenSettings withReflection(boolean asked) {
        return new ListenSettings(
                host, port, tls, access, plaintext, maxConnections, maxCallsPerConnection, maxConnectionAge, asked);
    }

    /// For one machine: no TLS, no authentication.
    public static ListenSettings loopback(int port) {
        return new ListenSettings(
                LOOPBACK,
                port,
                Optional.empty(),
                AccessSettings.OFF,
                Plaintext.ON_LOOPBACK,
                DEFAULT_MAX_CONNECTIONS,
                DEFAULT_MAX_CALLS_PER_CONNECTION,
                Optional.empty());
    }

    /// Throws where the host's addresses can be reached from other machines.
    public static void requireLoopback(String host) {
        if (!isLoopback(host)) {
            throw new InvalidException("listening at " + host
                    + " lets other machines in, and without TLS what they send can be read and changed on the"
                    + " way: give --tls-cert and --tls-key, listen at " + LOOPBACK
                    + ", or ask for it by name with --allow-plaintext");
        }
    }

    private static boolean isLoopback(String host) {
        try {
            return Stream.of(InetAddress.getAllByName(host)).allMatch(InetAddress::isLoopbackAddress);
        } catch (UnknownHostException e) {
            throw new InvalidException(
                    "the host to listen at must be one of this machine's, but " + host + " is not known", e);
        }
    }
}
