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
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// How a client connects, and says who it is.
///
/// @param tls empty: plain text
/// @param tokenFile a file with a bearer token, read anew when it changes
/// @param token a bearer token; not both
public record ClientSettings(Optional<ClientTls> tls, Optional<Path> tokenFile, Optional<String> token) {
    public static final ClientSettings PLAIN = new ClientSettings(Optional.empty(), Optional.empty(), Optional.empty());

    public ClientSettings {
        if (tokenFile.isPresent() && token.isPresent()) {
            throw new InvalidException("a token comes from a file or from the environment, but both were given");
        }
    }

    /// A channel, and what has to be closed after it.
    ///
    /// @param channel where the target's name has several addresses, calls go to all of them in turn
    /// @param credentials of every call
    public record Connection(ManagedChannel channel, Optional<CallCredentials> credentials, AutoCloseable resources) {}

    /// @param target host:port
    /// @param settings what else the channel has
    /// @throws InvalidException where the target is no address
    public Connection connect(String target, UnaryOperator<NettyChannelBuilder> settings) {
        Pem pem = new Pem();
        try {
            NettyChannelBuilder builder = NettyChannelBuilder.forTarget(target, channelCredentials(pem))
                    .defaultLoadBalancingPolicy("round_robin");
            return new Connection(settings.apply(builder).build(), callCredentials(), pem);
        } catch (IllegalArgumentException e) {
            pem.close();
            throw new InvalidException("an address must be HOST:PORT, but was " + target + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            pem.close();
            throw e;
        }
    }

    private ChannelCredentials channelCredentials(Pem pem) {
        if (tls.isEmpty()) {
            return InsecureChannelCredentials.create();
        }
        TlsChannelCredentials.Builder builder = TlsChannelCredentials.newBuilder();
        tls.get().ca().ifPresent(ca -> builder.trustManager(pem.trust(ca)));
        tls.get().identity().ifPresent(own -> builder.keyManager(pem.keys(own.certificate(), own.key())));
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
        return "ClientSettings[tls=" + tls + ", tokenFile=" + tokenFile + ", token=" + token.map(_ -> "(hidden)") + "]";
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
