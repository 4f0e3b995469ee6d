package dev.dyadic.proto.rpc;

import dev.dyadic.proto.InvalidException;
import io.grpc.CallCredentials;
import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.NettyChannelBuilder;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// How a client connects, and says who it is.
///
/// @param tls empty: plain text
/// @param tokenFile a file with a bearer token, read anew when it changes
/// @param token a bearer token; not both
/// @param plaintextTokens that the token may be sent to another machine without TLS was asked for by name
public record ClientSettings(
        Optional<ClientTls> tls, Optional<Path> tokenFile, Optional<String> token, boolean plaintextTokens) {
    public static final ClientSettings PLAIN =
            new ClientSettings(Optional.empty(), Optional.empty(), Optional.empty(), false);
    private static final Pattern PORT = Pattern.compile("[^:]:([0-9]+)$");
    private static final Pattern HOST =
            Pattern.compile("(?:(?:dns|ipv4|ipv6|passthrough):/*)?(\\[[^]]*]|[^:/]*)(?::(\\d+))?");

    public ClientSettings {
        if (tokenFile.isPresent() && token.isPresent()) {
            throw new InvalidException("a token comes from a file or from the environment, but both were given");
        }
    }

    /// The addresses that a name has, each a target of its own, so that every replica behind it can be asked: those of
    /// IPv4 where there are any. A target that is not known, or has one address, stays as it is. A balancer has one
    /// address, whatever stands behind it.
    ///
    /// @param target host:port
    public static List<Endpoint> endpoints(String target) {
        Matcher parts = HOST.matcher(target);
        if (!parts.matches() || parts.group(1).isEmpty() || parts.group(2) == null) {
            return List.of(new Endpoint(target, Optional.empty()));
        }
        try {
            InetAddress[] addresses = InetAddress.getAllByName(parts.group(1));
            return endpoints(target, parts.group(1), parts.group(2), addresses);
        } catch (UnknownHostException e) {
            return List.of(new Endpoint(target, Optional.empty()));
        }
    }

    /// A machine often has an address of either family.
    static List<Endpoint> endpoints(String target, String name, String port, InetAddress... addresses) {
        List<InetAddress> ipv4 =
                Stream.of(addresses).filter(Inet4Address.class::isInstance).toList();
        List<InetAddress> asked = ipv4.isEmpty() ? List.of(addresses) : ipv4;
        if (asked.size() == 1) {
            return List.of(new Endpoint(target, Optional.empty()));
        }
        return asked.stream()
                .map(address -> address instanceof Inet4Address
                        ? address.getHostAddress()
                        : "[" + address.getHostAddress() + "]")
                .map(address -> new Endpoint(address + ":" + port, Optional.of(name)))
                .toList();
    }

    /// One of the addresses behind a name.
    ///
    /// @param certificateName that the server's certificate has to have; empty: that of the target
    public record Endpoint(String target, Optional<String> certificateName) {}

    /// A channel, and what has to be closed after it.
    ///
    /// @param channel where the target's name has several addresses, calls go to all of them in turn
    /// @param credentials of every call
    public record Connection(ManagedChannel channel, Optional<CallCredentials> credentials, AutoCloseable resources) {}

    /// @param target host:port
    /// @param settings what else the channel has
    /// @throws InvalidException where the target is no address, or a token would go to it in plain text
    public Connection connect(String target, UnaryOperator<NettyChannelBuilder> settings) {
        return connect(new Endpoint(target, Optional.empty()), settings);
    }

    /// @throws InvalidException where the target is no address, or a token would go to it in plain text
    public Connection connect(Endpoint endpoint, UnaryOperator<NettyChannelBuilder> settings) {
        String target = endpoint.target();
        requirePort(target);
        requireSafeToken(target);
        Pem pem = new Pem();
        try {
            NettyChannelBuilder builder = NettyChannelBuilder.forTarget(target, channelCredentials(pem))
                    .defaultLoadBalancingPolicy("round_robin");
            endpoint.certificateName().ifPresent(builder::overrideAuthority);
            return new Connection(settings.apply(builder).build(), callCredentials(), pem);
        } catch (IllegalArgumentException e) {
            pem.close();
            throw new InvalidException("an address must be HOST:PORT, but was " + target + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            pem.close();
            throw e;
        }
    }

    /// gRPC would take it, and find out only when it connects.
    private static void requirePort(String target) {
        Matcher port = PORT.matcher(target);
        if (port.find() && (port.group(1).length() > 5 || Integer.parseInt(port.group(1)) > 65_535)) {
            throw new InvalidException("a port must be from 1 to 65535, but the address was " + target);
        }
    }

    private void requireSafeToken(String target) {
        boolean hasToken = token.isPresent() || tokenFile.isPresent();
        if (hasToken && tls.isEmpty() && !plaintextTokens && !isLoopback(target)) {
            throw new InvalidException("the token would go to " + target
                    + " in plain text, for whoever is on the way to take: use TLS with --tls or --tls-ca, or ask for it"
                    + " by name with --allow-plaintext-tokens");
        }
    }

    /// A name that is not known is that of another machine.
    private static boolean isLoopback(String target) {
        if (target.startsWith("unix:")) {
            return true;
        }
        Matcher host = HOST.matcher(target);
        try {
            return host.matches()
                    && !host.group(1).isEmpty()
                    && Stream.of(InetAddress.getAllByName(host.group(1))).allMatch(InetAddress::isLoopbackAddress);
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private ChannelCredentials channelCredentials(Pem pem) {
        if (tls.isEmpty()) {
            return InsecureChannelCredentials.create();
        }
        TlsChannelCredentials.Builder builder = TlsChannelCredentials.newBuilder();
        tls.get().ca().ifPresent(ca -> builder.trustManager(pem.trust(ca)));
        tls.get().identity().ifPresent(own -> builder.keyManager(pem.keys(own.certificate(), own.key(), _ -> {})));
        return builder.build();
    }

    private Optional<CallCredentials> callCredentials() {
        if (token.isPresent()) {
            String text = token.get();
            return Optional.of(new BearerToken(() -> text));
        }
        return tokenFile.map(path -> new FileWatch<>(path, String::strip)).map(file -> new BearerToken(file::get));
    }

    /// Secrets are not shown.
    @Override
    public String toString() {
        return "ClientSettings[tls=" + tls + ", tokenFile=" + tokenFile + ", token=" + token.map(_ -> "(hidden)")
                + ", plaintextTokens=" + plaintextTokens + "]";
    }

    private static final class BearerToken extends CallCredentials {
        private final Supplier<String> token;

        BearerToken(Supplier<String> token) {
            this.token = token;
        }

        @Override
        public void applyRequestMetadata(RequestInfo info, Executor executor, MetadataApplier applier) {
            executor.execute(() -> {
                try {
                    Metadata headers = new Metadata();
                    headers.put(AccessInterceptor.AUTHORIZATION, "Bearer " + token.get());
                    applier.apply(headers);
                } catch (RuntimeException e) {
                    applier.fail(Status.UNAUTHENTICATED
                            .withDescription("the token cannot be read: " + e.getMessage())
                            .withCause(e));
                }
            });
        }
    }
}
