package dev.dyadic.deploy.commands.options;

import dev.dyadic.deploy.commands.process.Logging;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.rpc.AccessSettings;
import dev.dyadic.proto.rpc.ListenSettings;
import dev.dyadic.proto.rpc.ServerTls;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Who may call a service, and how.
public final class ListenOptions {
    @Option(
            names = "--tls-cert",
            paramLabel = "FILE",
            description = "Certificate chain, PEM; read anew when it changes.")
    private @Nullable Path certificate;

    @Option(names = "--tls-key", paramLabel = "FILE", description = "Its private key, PEM (PKCS #8).")
    private @Nullable Path key;

    @Option(
            names = "--tls-client-ca",
            paramLabel = "FILE",
            description = "Ask clients for a certificate that one of these signed (mutual TLS).")
    private @Nullable Path clientCa;

    @Option(
            names = "--allow-plaintext",
            description = "Listen beyond loopback without TLS: whoever is on the way can read and change what is sent.")
    private boolean plaintext;

    @Option(
            names = "--allow-plaintext-tokens",
            description = "Listen beyond loopback without TLS though callers send tokens: whoever is on the way can"
                    + " take them, and do what their owners may.")
    private boolean plaintextTokens;

    @Option(
            names = "--auth-file",
            paramLabel = "FILE",
            description = "Answer only callers that this file names, one a line: NAME ROLES CREDENTIAL, the credential"
                    + " sha256:HEX of a token, token:TEXT, or cert:NAME of a client certificate; roles are read, train,"
                    + " publish and admin. Read anew when it changes.")
    private @Nullable Path authFile;

    @Option(
            names = "--auth-jwks",
            paramLabel = "FILE-OR-URL",
            description = "Answer callers with a JSON Web Token that a key of this key set signed.")
    private @Nullable String jwks;

    @Option(names = "--auth-issuer", paramLabel = "TEXT", description = "The tokens' iss; needed with --auth-jwks.")
    private @Nullable String issuer;

    @Option(names = "--auth-audience", paramLabel = "TEXT", description = "The tokens' aud; needed with --auth-jwks.")
    private @Nullable String audience;

    @Option(
            names = "--auth-roles-claim",
            paramLabel = "NAME",
            defaultValue = AccessSettings.DEFAULT_ROLES_CLAIM,
            description = "The claim that lists roles; default ${DEFAULT-VALUE}.")
    private String rolesClaim = AccessSettings.DEFAULT_ROLES_CLAIM;

    @Option(
            names = "--max-connections",
            defaultValue = "" + ListenSettings.DEFAULT_MAX_CONNECTIONS,
            description = "Open at once; default ${DEFAULT-VALUE}.")
    private int maxConnections;

    @Option(
            names = "--max-calls-per-connection",
            defaultValue = "" + ListenSettings.DEFAULT_MAX_CALLS_PER_CONNECTION,
            description = "Open at once; default ${DEFAULT-VALUE}.")
    private int maxCallsPerConnection;

    @Option(
            names = "--max-connection-age",
            paramLabel = "TIME",
            description =
                    "Ask clients to connect anew after so long, so that replicas that are new get their share, also"
                            + " behind a balancer of connections; calls have 5m more to end. 0: never. Default: 30m for a"
                            + " sampler, and never for ingest.")
    private @Nullable Duration maxConnectionAge;

    @Option(
            names = "--auth-jwks-ca",
            paramLabel = "FILE",
            description = "Trust these certificates (PEM) for an https address of --auth-jwks; default: those that Java"
                    + " trusts.")
    private @Nullable Path jwksCa;

    @Option(
            names = "--audit-log",
            paramLabel = "FILE",
            description = "Write there, as JSON lines, who changed what, or was denied it, from where and when; kept in"
                    + " ten parts of 64 MB. Default: with the other log lines.")
    private @Nullable Path auditLog;

    @Option(
            names = "--reflection",
            description =
                    "Answer gRPC reflection, with which grpcurl and its kin list services and make calls; for callers"
                            + " that may read.")
    private boolean reflection;

    public void openAuditLog() {
        Logging.audit(Optional.ofNullable(auditLog));
    }

    public ListenSettings settings(String host, int port) {
        return new ListenSettings(
                host,
                port,
                tls(),
                access(),
                plaintext(),
                maxConnections,
                maxCallsPerConnection,
                Optional.ofNullable(maxConnectionAge),
                reflection);
    }

    private ListenSettings.Plaintext plaintext() {
        if (plaintextTokens) {
            return ListenSettings.Plaintext.ALLOWED_WITH_TOKENS;
        }
        return plaintext ? ListenSettings.Plaintext.ALLOWED : ListenSettings.Plaintext.ON_LOOPBACK;
    }

    private Optional<ServerTls> tls() {
        if (certificate == null || key == null) {
            if (certificate != null || key != null || clientCa != null) {
                throw new InvalidException("TLS needs both --tls-cert and --tls-key");
            }
            return Optional.empty();
        }
        return Optional.of(new ServerTls(certificate, key, Optional.ofNullable(clientCa)));
    }

    private static URI address(String jwks) {
        try {
            return jwks.contains("://")
                    ? URI.create(jwks)
                    : Path.of(jwks).toAbsolutePath().toUri();
        } catch (IllegalArgumentException e) {
            throw new InvalidException("--auth-jwks must be a file or an https address, but was " + jwks, e);
        }
    }

    private AccessSettings access() {
        Optional<AccessSettings.Jwt> jwt = Optional.empty();
        if (jwks != null) {
            if (issuer == null || audience == null) {
                throw new InvalidException("--auth-jwks needs --auth-issuer and --auth-audience");
            }
            jwt = Optional.of(
                    new AccessSettings.Jwt(address(jwks), issuer, audience, rolesClaim, Optional.ofNullable(jwksCa)));
        } else if (issuer != null || audience != null || jwksCa != null) {
            throw new InvalidException("--auth-issuer, --auth-audience and --auth-jwks-ca belong to --auth-jwks");
        }
        return new AccessSettings(Optional.ofNullable(authFile), jwt);
    }
}
