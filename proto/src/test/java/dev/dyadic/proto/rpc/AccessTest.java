package dev.dyadic.proto.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.proto.InvalidException;
import dev.dyadic.v1.IngestGrpc;
import dev.dyadic.v1.SamplerGrpc;
import dev.dyadic.v1.SamplerProto;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCalls;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who may call what.
final class AccessTest {
    /// Every method that our services have, and the one role that it asks for.
    private static final String TABLE = """
            dyadic.v1.Ingest/Publish          publish
            dyadic.v1.Sampler/AmendRun        admin
            dyadic.v1.Sampler/CloseRun        admin
            dyadic.v1.Sampler/Commit          train
            dyadic.v1.Sampler/DescribeCorpus  read
            dyadic.v1.Sampler/DescribeRun     read
            dyadic.v1.Sampler/Explain         read
            dyadic.v1.Sampler/ForkRun         admin
            dyadic.v1.Sampler/GetBatch        read
            dyadic.v1.Sampler/GetBatches      read
            dyadic.v1.Sampler/ListRuns        read
            dyadic.v1.Sampler/OpenRun         admin
            dyadic.v1.Sampler/ReportLoss      train
            dyadic.v1.Sampler/StreamBatches   read
            dyadic.v1.Sampler/Trace           read
            """;

    private static final String TOKEN = "a-token-for-the-tests-";

    @TempDir
    private Path directory;

    @Test
    void everyMethodByEveryRole() throws IOException {
        Path file = callers(Stream.of(Role.values())
                .map(role -> role.text() + "-only " + role.text() + " token:" + TOKEN + role.text())
                .toList());

        List<String> found = new ArrayList<>();
        try (GrpcListener listener = Calls.listen(settings(file))) {
            for (MethodDescriptor<?, ?> method : methods()) {
                List<String> allowed = new ArrayList<>();
                for (Role role : Role.values()) {
                    Status status = Calls.call(listener, with(TOKEN + role.text()), method);
                    if (status.getCode() == Status.Code.UNIMPLEMENTED) {
                        allowed.add(role.text());
                    } else {
                        assertThat(status.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
                        assertThat(status.getDescription())
                                .startsWith(role.text() + "-only may not call " + method.getFullMethodName()
                                        + ": it needs the role ");
                    }
                }
                found.add("%-33s %s".formatted(method.getFullMethodName(), String.join(",", allowed)));
            }
        }

        assertThat(String.join("\n", found) + "\n").isEqualTo(TABLE);
    }

    @Test
    void withoutATokenOrWithAWrongOneNobodyMayCallAnythingButHealth() throws IOException {
        Path file = callers(List.of("all read,train,publish,admin token:" + TOKEN));

        try (GrpcListener listener = Calls.listen(settings(file))) {
            for (MethodDescriptor<?, ?> method : methods()) {
                for (ClientSettings client : List.of(ClientSettings.PLAIN, with("another-token-of-some-length"))) {
                    Status status = Calls.call(listener, client, method);
                    assertThat(status.getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
                    assertThat(status.getDescription()).doesNotContain("another-token");
                }
            }
            assertThat(Calls.call(listener, ClientSettings.PLAIN, health()).getCode())
                    .isEqualTo(Status.Code.OK);
        }
    }

    @Test
    void aMethodWithoutARuleIsDeniedToEverybody() throws Exception {
        Path file = callers(List.of("all read,train,publish,admin token:" + TOKEN));
        MethodDescriptor<SamplerProto.GetBatchRequest, SamplerProto.Batch> unlisted =
                SamplerGrpc.getGetBatchMethod().toBuilder()
                        .setFullMethodName("dyadic.v1.Other/New")
                        .build();
        ServerServiceDefinition service = ServerServiceDefinition.builder("dyadic.v1.Other")
                .addMethod(unlisted, ServerCalls.asyncUnaryCall((_, observer) -> observer.onCompleted()))
                .build();

        try (GrpcListener listener =
                GrpcListener.start("test", settings(file), Calls.LIMITS, List.of(service), new SimpleMeterRegistry())) {
            Status status = Calls.call(listener, with(TOKEN), unlisted);

            assertThat(status.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
            assertThat(status.getDescription()).isEqualTo("all may not call dyadic.v1.Other/New: nobody may");
        }
    }

    @Test
    void whereAuthenticationIsOffEverybodyMayCall() throws IOException {
        try (GrpcListener listener = Calls.listen(ListenSettings.loopback(0))) {
            assertThat(Calls.call(listener, ClientSettings.PLAIN, SamplerGrpc.getCommitMethod())
                            .getCode())
                    .isEqualTo(Status.Code.UNIMPLEMENTED);
        }
    }

    @Test
    void aFileOfCallersThatChangesCountsWithoutARestart() throws Exception {
        Path file = callers(List.of("one read token:" + TOKEN));

        try (GrpcListener listener = Calls.listen(settings(file))) {
            assertThat(Calls.call(listener, with(TOKEN), SamplerGrpc.getListRunsMethod())
                            .getCode())
                    .isEqualTo(Status.Code.UNIMPLEMENTED);

            // A file that is half written leaves what was read before in force.
            change(file, "two re");
            assertThat(Calls.call(listener, with(TOKEN), SamplerGrpc.getListRunsMethod())
                            .getCode())
                    .isEqualTo(Status.Code.UNIMPLEMENTED);

            change(file, "two read token:" + TOKEN + "new");
            assertThat(Calls.call(listener, with(TOKEN), SamplerGrpc.getListRunsMethod())
                            .getCode())
                    .isEqualTo(Status.Code.UNAUTHENTICATED);
            assertThat(Calls.call(listener, with(TOKEN + "new"), SamplerGrpc.getListRunsMethod())
                            .getCode())
                    .isEqualTo(Status.Code.UNIMPLEMENTED);
        }
    }

    @Test
    void aTokenMayBeKeptAsItsDigest() throws IOException {
        // printf %s a-token-for-the-tests- | sha256sum
        Path file = callers(List.of(
                "# comment", "", "one read sha256:238f001e74010069a0a17b2776a24f4cf7e007036a9d12e6a53ec98c40798e22"));

        try (GrpcListener listener = Calls.listen(settings(file))) {
            assertThat(Calls.call(listener, with(TOKEN), SamplerGrpc.getListRunsMethod())
                            .getCode())
                    .isEqualTo(Status.Code.UNIMPLEMENTED);
        }
    }

    @Test
    void aWrongFileIsRefusedByItsLineAndNotShown() {
        record Case(String line, String message) {}
        List<Case> cases = List.of(
                new Case(
                        "one read",
                        "line 2 of the file of callers is wrong: it must be NAME ROLES CREDENTIAL, but has 2"
                                + " fields"),
                new Case(
                        "one reed token:secret-secret-secret",
                        "line 2 of the file of callers is wrong: a role must be one"
                                + " of read, train, publish, admin; several are separated by commas, without blanks"),
                new Case(
                        "one read secret-secret-secret",
                        "line 2 of the file of callers is wrong: a credential must begin"
                                + " with sha256:, token: or cert:"),
                new Case(
                        "one read token:secret",
                        "line 2 of the file of callers is wrong: a token must have at least 16" + " characters"),
                new Case(
                        "one read sha256:secret",
                        "line 2 of the file of callers is wrong: sha256: must be followed by 64"
                                + " hexadecimal digits"),
                new Case(
                        "two read cert:first",
                        "line 2 of the file of callers is wrong: its credential stands in line 1 too"));

        // Fields that changed places: whatever stands where, no value is shown.
        for (String line : List.of(
                "secret-secret-secret read one",
                "one secret-secret-secret read",
                "token:secret-secret-secret read one",
                "read one token:secret-secret-secret",
                "read sha256:secret-secret one",
                "one read secret-secret-secret with blanks")) {
            assertThatThrownBy(() -> AccessFile.parse(line))
                    .message()
                    .doesNotContain("secret")
                    .doesNotContain("one,");
        }
        for (Case wrong : cases) {
            assertThatThrownBy(() -> AccessFile.parse("first read cert:first\n" + wrong.line()))
                    .isInstanceOf(InvalidException.class)
                    .hasMessage(wrong.message());
        }
    }

    @Test
    void listeningBeyondLoopbackWithoutTlsHasToBeAskedForByName() {
        assertThatThrownBy(() -> beyondLoopback(ListenSettings.Plaintext.ON_LOOPBACK))
                .isInstanceOf(InvalidException.class)
                .hasMessage(
                        "listening at 0.0.0.0 lets other machines in, and without TLS what they send can be read and"
                                + " changed on the way: give --tls-cert and --tls-key, listen at 127.0.0.1, or ask for it by"
                                + " name with --allow-plaintext");
        assertThat(beyondLoopback(ListenSettings.Plaintext.ALLOWED).host()).isEqualTo("0.0.0.0");
    }

    @Test
    void tokensGoToOtherMachinesInPlainTextOnlyWhereAskedForByName() throws IOException {
        AccessSettings access = new AccessSettings(Optional.of(callers(List.of())), Optional.empty());

        assertThatThrownBy(() -> new ListenSettings(
                        "0.0.0.0",
                        0,
                        Optional.empty(),
                        access,
                        ListenSettings.Plaintext.ALLOWED,
                        1,
                        1,
                        Optional.empty()))
                .isInstanceOf(InvalidException.class)
                .hasMessage(
                        "callers would send their tokens to 0.0.0.0 in plain text, for whoever is on the way to take:"
                                + " give --tls-cert and --tls-key, listen at 127.0.0.1, or ask for it by name with"
                                + " --allow-plaintext-tokens");
        assertThat(new ListenSettings(
                                "0.0.0.0",
                                0,
                                Optional.empty(),
                                access,
                                ListenSettings.Plaintext.ALLOWED_WITH_TOKENS,
                                1,
                                1,
                                Optional.empty())
                        .host())
                .isEqualTo("0.0.0.0");
        for (String target : List.of("192.0.2.1:7070", "dns:///no-such-host.invalid:7070", "[2001:db8::1]:7070")) {
            assertThatThrownBy(() -> with(TOKEN).connect(target, builder -> builder))
                    .isInstanceOf(InvalidException.class)
                    .hasMessage("the token would go to " + target
                            + " in plain text, for whoever is on the way to take: use TLS with --tls or --tls-ca, or ask"
                            + " for it by name with --allow-plaintext-tokens");
            close(new ClientSettings(Optional.empty(), Optional.empty(), Optional.of(TOKEN), true), target);
            close(ClientSettings.PLAIN, target);
        }
        for (String target : List.of(
                "127.0.0.1:7070", "localhost:7070", "dns:///localhost:7070", "[::1]:7070", "dns:localhost:7070")) {
            close(with(TOKEN), target);
        }
    }

    private static void close(ClientSettings settings, String target) {
        settings.connect(target, builder -> builder).channel().shutdownNow();
    }

    @Test
    void tokensAreNotShown() {
        assertThat(with("a-secret-token-of-mine").toString()).doesNotContain("a-secret-token-of-mine");
    }

    private static ListenSettings beyondLoopback(ListenSettings.Plaintext plaintext) {
        return new ListenSettings(
                "0.0.0.0", 0, Optional.empty(), AccessSettings.OFF, plaintext, 1, 1, Optional.empty());
    }

    private static MethodDescriptor<?, ?> health() {
        return io.grpc.health.v1.HealthGrpc.getCheckMethod();
    }

    private static List<MethodDescriptor<?, ?>> methods() {
        return Stream.of(IngestGrpc.getServiceDescriptor(), SamplerGrpc.getServiceDescriptor())
                .<MethodDescriptor<?, ?>>flatMap(service -> service.getMethods().stream())
                .sorted((a, b) -> a.getFullMethodName().compareTo(b.getFullMethodName()))
                .toList();
    }

    private Path callers(List<String> lines) throws IOException {
        return Files.write(directory.resolve("callers"), lines);
    }

    private static void change(Path file, String text) throws Exception {
        Files.writeString(file, text);
        Files.setLastModifiedTime(
                file, FileTime.from(Files.getLastModifiedTime(file).toInstant().plusSeconds(1)));
        Thread.sleep(FileWatch.LOOK_NANOS / 1_000_000 + 10);
    }

    private static ListenSettings settings(Path callers) {
        return new ListenSettings(
                "127.0.0.1",
                0,
                Optional.empty(),
                new AccessSettings(Optional.of(callers), Optional.empty()),
                ListenSettings.Plaintext.ON_LOOPBACK,
                ListenSettings.DEFAULT_MAX_CONNECTIONS,
                ListenSettings.DEFAULT_MAX_CALLS_PER_CONNECTION,
                Optional.empty());
    }

    private static ClientSettings with(String token) {
        return new ClientSettings(Optional.empty(), Optional.empty(), Optional.of(token), false);
    }

    @Test
    void reflectionIsForThoseWhoMayRead() {
        assertThat(MethodRoles.of("grpc.reflection.v1.ServerReflection/ServerReflectionInfo"))
                .contains(Role.READ);
    }
}
