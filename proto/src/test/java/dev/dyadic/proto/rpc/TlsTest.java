package dev.dyadic.proto.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.proto.InvalidException;
import dev.dyadic.v1.SamplerGrpc;
import io.grpc.Status;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TlsTest {
    private static final int RELOAD_TRIES = 40;
    private static final long RELOAD_MILLIS = 6_000;

    @TempDir
    private Path directory;

    @Test
    void aClientThatTrustsTheServerMayCallAndOneThatDoesNotMayNot() throws Exception {
        Certificate server = Certificate.make(directory, "server");
        Certificate other = Certificate.make(directory, "other");

        try (GrpcListener listener = Calls.listen(tls(server, Optional.empty(), AccessSettings.OFF))) {
            assertThat(call(listener, trusting(server))).isEqualTo(Status.Code.UNIMPLEMENTED);
            assertThat(call(listener, trusting(other))).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(call(listener, ClientSettings.PLAIN)).isEqualTo(Status.Code.UNAVAILABLE);
        }
    }

    @Test
    void withMutualTlsAClientNeedsACertificateAndItsNameGivesTheRoles() throws Exception {
        Certificate server = Certificate.make(directory, "server");
        Certificate trainer = Certificate.make(directory, "trainer-1");
        Certificate reader = Certificate.make(directory, "reader-1");
        Certificate stranger = Certificate.make(directory, "stranger");
        Path clients = Files.writeString(
                directory.resolve("clients.crt"),
                Files.readString(trainer.certificate()) + Files.readString(reader.certificate()));
        Path callers = Files.writeString(
                directory.resolve("callers"), "training read,train cert:trainer-1\nreading read cert:reader-1\n");
        AccessSettings access = new AccessSettings(Optional.of(callers), Optional.empty());

        try (GrpcListener listener = Calls.listen(tls(server, Optional.of(clients), access))) {
            assertThat(call(listener, mutual(server, trainer))).isEqualTo(Status.Code.UNIMPLEMENTED);
            assertThat(call(listener, mutual(server, reader))).isEqualTo(Status.Code.PERMISSION_DENIED);
            assertThat(call(listener, mutual(server, stranger))).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(call(listener, trusting(server))).isEqualTo(Status.Code.UNAVAILABLE);
        }
    }

    @Test
    void aCertificateThatIsRenewedCountsWithoutARestart() throws Exception {
        Certificate first = Certificate.make(directory.resolve("first"), "server");
        Certificate second = Certificate.make(directory.resolve("second"), "server");
        Certificate used = Certificate.make(directory.resolve("used"), "server");
        replace(used, first);

        try (GrpcListener listener = Calls.listen(tls(used, Optional.empty(), AccessSettings.OFF))) {
            assertThat(call(listener, trusting(first))).isEqualTo(Status.Code.UNIMPLEMENTED);
            assertThat(call(listener, trusting(second))).isEqualTo(Status.Code.UNAVAILABLE);

            // Half a renewal changes nothing.
            Files.copy(second.key(), used.key(), StandardCopyOption.REPLACE_EXISTING);
            Thread.sleep(RELOAD_MILLIS);
            assertThat(call(listener, trusting(first))).isEqualTo(Status.Code.UNIMPLEMENTED);

            replace(used, second);

            Status.Code code = Status.Code.UNAVAILABLE;
            for (int i = 0; i < RELOAD_TRIES && code == Status.Code.UNAVAILABLE; i++) {
                Thread.sleep(500);
                code = call(listener, trusting(second));
            }
            assertThat(code).isEqualTo(Status.Code.UNIMPLEMENTED);
            assertThat(call(listener, trusting(first))).isEqualTo(Status.Code.UNAVAILABLE);
        }
    }

    @Test
    void theEndOfTheCertificateIsAMetric() throws Exception {
        Certificate server = Certificate.make(directory, "server");
        SimpleMeterRegistry meters = new SimpleMeterRegistry();

        try (GrpcListener _ = GrpcListener.start(
                "test", tls(server, Optional.empty(), AccessSettings.OFF), Calls.LIMITS, Calls.services(), meters)) {
            double end = meters.get("dyadic.tls.certificate.expires.timestamp.seconds")
                    .tag("service", "test")
                    .gauge()
                    .value();

            // It is made for two days.
            assertThat(end - Instant.now().getEpochSecond()).isBetween(47 * 3600.0, 49 * 3600.0);
        }
    }

    @Test
    void filesThatCannotBeUsedAreNamedAndNotShown() throws Exception {
        Certificate server = Certificate.make(directory, "server");
        Path wrong = Files.writeString(
                directory.resolve("wrong.key"), "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n");

        assertThatThrownBy(() -> Calls.listen(
                        tls(new Certificate(server.certificate(), wrong), Optional.empty(), AccessSettings.OFF)))
                .isInstanceOf(InvalidException.class)
                .hasMessageContaining(
                        "must hold a certificate and its key, both PEM, the key PKCS #8 and not encrypted")
                .message()
                .contains("wrong.key")
                .doesNotContain("c2VjcmV0");
    }

    private static Status.Code call(GrpcListener listener, ClientSettings settings) {
        return Calls.call(listener, settings, SamplerGrpc.getCommitMethod()).getCode();
    }

    private static ListenSettings tls(Certificate server, Optional<Path> clients, AccessSettings access) {
        return new ListenSettings(
                "127.0.0.1",
                0,
                Optional.of(new ServerTls(server.certificate(), server.key(), clients)),
                access,
                ListenSettings.Plaintext.ON_LOOPBACK,
                ListenSettings.DEFAULT_MAX_CONNECTIONS,
                ListenSettings.DEFAULT_MAX_CALLS_PER_CONNECTION,
                Optional.empty());
    }

    private static ClientSettings trusting(Certificate server) {
        return new ClientSettings(
                Optional.of(new ClientTls(Optional.of(server.certificate()), Optional.empty())),
                Optional.empty(),
                Optional.empty(),
                false);
    }

    private static ClientSettings mutual(Certificate server, Certificate own) {
        return new ClientSettings(
                Optional.of(new ClientTls(
                        Optional.of(server.certificate()),
                        Optional.of(new ClientTls.Identity(own.certificate(), own.key())))),
                Optional.empty(),
                Optional.empty(),
                false);
    }

    /// As a renewal does: both files change, and look newer.
    private static void replace(Certificate used, Certificate by) throws Exception {
        FileTime now = FileTime.from(Instant.now().plusSeconds(5));
        for (Path[] pair : new Path[][] {{by.key(), used.key()}, {by.certificate(), used.certificate()}}) {
            Files.copy(pair[0], pair[1], StandardCopyOption.REPLACE_EXISTING);
            Files.setLastModifiedTime(pair[1], now);
        }
    }
}
