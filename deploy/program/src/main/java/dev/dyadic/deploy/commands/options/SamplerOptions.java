package dev.dyadic.deploy.commands.options;

import com.google.common.base.Splitter;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.rpc.ClientSettings;
import dev.dyadic.proto.rpc.ClientTls;
import dev.dyadic.sampler.client.SamplerClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which sampler to call, and how.
public final class SamplerOptions {
    public static final String DEFAULT_SAMPLER = "127.0.0.1:7070";
    private static final String SAMPLER_VARIABLE = "DYADIC_SAMPLER";
    private static final String TOKEN_VARIABLE = "DYADIC_TOKEN";

    @Option(
            names = "--sampler",
            paramLabel = "HOST:PORT",
            defaultValue = "${env:" + SAMPLER_VARIABLE + ":-" + DEFAULT_SAMPLER + "}",
            description = "The sampler's address; default $$DYADIC_SAMPLER or " + DEFAULT_SAMPLER
                    + ". A name with several addresses, as dns:///sampler:7070, spreads calls over all of them.")
    private String sampler = DEFAULT_SAMPLER;

    @Option(
            names = "--wait",
            paramLabel = "TIME",
            defaultValue = "30s",
            description = "How long to wait for a sampler, and for data; default ${DEFAULT-VALUE}.")
    private Duration wait = Duration.ofSeconds(30);

    @Option(names = "--tls", description = "Use TLS, and trust whom this Java trusts.")
    private boolean tls;

    @Option(
            names = "--tls-ca",
            paramLabel = "FILE",
            defaultValue = "${env:DYADIC_TLS_CA:-" + Option.NULL_VALUE + "}",
            description = "Use TLS, and trust these certificates (PEM); default $$DYADIC_TLS_CA.")
    private @Nullable Path tlsCa;

    @Option(
            names = "--tls-cert",
            paramLabel = "FILE",
            defaultValue = "${env:DYADIC_TLS_CERT:-" + Option.NULL_VALUE + "}",
            description = "This client's certificate (PEM), for mutual TLS; default $$DYADIC_TLS_CERT.")
    private @Nullable Path tlsCertificate;

    @Option(
            names = "--tls-key",
            paramLabel = "FILE",
            defaultValue = "${env:DYADIC_TLS_KEY:-" + Option.NULL_VALUE + "}",
            description = "Its private key (PEM, PKCS #8); default $$DYADIC_TLS_KEY.")
    private @Nullable Path tlsKey;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            defaultValue = "${env:DYADIC_TOKEN_FILE:-" + Option.NULL_VALUE + "}",
            description = "A file with the bearer token to send; default $$DYADIC_TOKEN_FILE."
                    + " Or set $$DYADIC_TOKEN to the token itself.")
    private @Nullable Path tokenFile;

    @Option(
            names = "--allow-plaintext-tokens",
            defaultValue = "${env:DYADIC_ALLOW_PLAINTEXT_TOKENS:-false}",
            description = "Send the token to another machine without TLS: whoever is on the way can take it;"
                    + " default $$DYADIC_ALLOW_PLAINTEXT_TOKENS or no.")
    private boolean plaintextTokens;

    public SamplerClient connect() {
        return new SamplerClient(sampler, wait.toMillis(), settings());
    }

    public SamplerClient connectBriefly() {
        return new SamplerClient(sampler, 0, settings());
    }

    /// Every address that the name has, or that each of several names has with commas between them.
    public List<ClientSettings.Endpoint> replicas() {
        return Splitter.on(',')
                .trimResults()
                .splitToStream(sampler)
                .flatMap(address -> ClientSettings.endpoints(address).stream())
                .distinct()
                .toList();
    }

    public SamplerClient connectBriefly(ClientSettings.Endpoint replica) {
        return new SamplerClient(replica, 0, settings());
    }

    /// What a command that is shown to the user has to say to find the same sampler: ` --sampler HOST:PORT`, or
    /// nothing.
    public String argument() {
        String byDefault = Objects.requireNonNullElse(System.getenv(SAMPLER_VARIABLE), DEFAULT_SAMPLER);
        return sampler.equals(byDefault) ? "" : " --sampler " + sampler;
    }

    private ClientSettings settings() {
        Optional<String> token = tokenFile == null
                ? Optional.ofNullable(System.getenv(TOKEN_VARIABLE)).filter(text -> !text.isBlank())
                : Optional.empty();
        return new ClientSettings(clientTls(), Optional.ofNullable(tokenFile), token, plaintextTokens);
    }

    private Optional<ClientTls> clientTls() {
        if (tlsCertificate == null || tlsKey == null) {
            if (tlsCertificate != null || tlsKey != null) {
                throw new InvalidException("a client's certificate needs both --tls-cert and --tls-key");
            }
            return tls || tlsCa != null
                    ? Optional.of(new ClientTls(Optional.ofNullable(tlsCa), Optional.empty()))
                    : Optional.empty();
        }
        return Optional.of(
                new ClientTls(Optional.ofNullable(tlsCa), Optional.of(new ClientTls.Identity(tlsCertificate, tlsKey))));
    }
}
