package dev.dyadic.proto.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.v1.SamplerGrpc;
import io.grpc.Status;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AuditLogTest {
    private static final String TOKEN = "a-token-for-the-tests-";
    private static final Peer PEER = new Peer("192.0.2.7", 50_000);

    @TempDir
    private Path directory;

    @Test
    void changesAndDenialsAreLinesWithWhoFromWhereWhatAndOutcome() throws Exception {
        Path callers = Files.writeString(
                directory.resolve("callers"), "ada train token:" + TOKEN + "1\nbob read token:" + TOKEN + "2\n");
        ListenSettings settings = new ListenSettings(
                "127.0.0.1",
                0,
                Optional.empty(),
                new AccessSettings(Optional.of(callers), Optional.empty()),
                ListenSettings.Plaintext.ON_LOOPBACK,
                8,
                8,
                Optional.empty());

        try (AuditTrail trail = new AuditTrail();
                GrpcListener listener = Calls.listen(settings)) {
            Calls.call(listener, with(TOKEN + "1"), SamplerGrpc.getCommitMethod());
            // Reading leaves no line, and neither do losses, which nothing keeps.
            Calls.call(listener, with(TOKEN + "2"), SamplerGrpc.getListRunsMethod());
            Calls.call(listener, with(TOKEN + "1"), SamplerGrpc.getReportLossMethod());
            Calls.call(listener, with(TOKEN + "2"), SamplerGrpc.getOpenRunMethod());
            Calls.call(listener, with("a-wrong-token-of-somebody"), SamplerGrpc.getCommitMethod());

            assertThat(trail.lines())
                    .containsExactly(
                            "change, caller=ada from=PEER method=dyadic.v1.Sampler/Commit what= outcome=UNIMPLEMENTED"
                                    + " detail=Method dyadic.v1.Sampler/Commit is unimplemented leftOut=0",
                            "denied, caller=bob from=PEER method=dyadic.v1.Sampler/OpenRun outcome=PERMISSION_DENIED"
                                    + " reason=role leftOut=0",
                            "denied, caller=- from=PEER method=dyadic.v1.Sampler/Commit outcome=UNAUTHENTICATED"
                                    + " reason=unknown-token leftOut=0");
        }
    }

    @Test
    void whatCallersSendIsEscapedAndCut() {
        try (AuditTrail trail = new AuditTrail()) {
            AuditLog log = new AuditLog(new SimpleMeterRegistry(), () -> 0);

            log.changed(new Caller("a\nb", Set.of()), PEER, "M", "x\u001b" + "y".repeat(5000), Status.OK);

            assertThat(trail.lines())
                    .containsExactly("change, caller=a\\nb from=192.0.2.7:50000 method=M what=x\\u001b"
                            + "y".repeat(998) + "… outcome=OK detail= leftOut=0");
        }
    }

    @Test
    void aFloodOfDenialsIsCutCountedAndHidesNeitherOthersNorChanges() {
        SimpleMeterRegistry meters = new SimpleMeterRegistry();
        try (AuditTrail trail = new AuditTrail()) {
            AuditLog log = new AuditLog(meters, () -> 0);
            String method = SamplerGrpc.getCommitMethod().getFullMethodName();

            for (int i = 0; i < 10_000; i++) {
                log.denied("-", PEER, method, Status.Code.UNAUTHENTICATED, "expired");
            }
            int ofFlood = trail.lines().size();
            log.denied("-", new Peer("192.0.2.8", 1), method, Status.Code.UNAUTHENTICATED, "key");
            log.changed(Caller.ANYBODY, PEER, method, "", Status.OK);

            // Ten seconds' worth.
            assertThat(ofFlood).isEqualTo(50);
            List<String> others = trail.lines().subList(ofFlood, ofFlood + 2);
            assertThat(others.getFirst()).contains("192.0.2.8").endsWith("reason=key leftOut=" + (10_000 - ofFlood));
            assertThat(others.getLast()).startsWith("change, ");
            assertThat(meters.get("dyadic.grpc.denied")
                            .tag("reason", "expired")
                            .counter()
                            .count())
                    .isEqualTo(10_000);
        }
    }

    @Test
    void aFloodOfOneCallersChangesHidesNothingOfOthersAndWhatAdministratorsDoIsAlwaysThere() {
        try (AuditTrail trail = new AuditTrail()) {
            AuditLog log = new AuditLog(new SimpleMeterRegistry(), () -> 0);
            Caller noisy = new Caller("noisy", Set.of(Role.TRAIN));
            String commit = SamplerGrpc.getCommitMethod().getFullMethodName();

            for (int i = 0; i < 10_000; i++) {
                log.changed(noisy, PEER, commit, "", Status.OK);
            }
            int ofFlood = trail.lines().size();
            log.changed(new Caller("quiet one", Set.of()), PEER, commit, "", Status.OK);
            log.changed(noisy, PEER, SamplerGrpc.getCloseRunMethod().getFullMethodName(), "", Status.OK);

            assertThat(ofFlood).isEqualTo(200);
            assertThat(trail.lines().get(ofFlood))
                    .startsWith("change, caller='quiet one' from=192.0.2.7:50000 ")
                    .endsWith("leftOut=" + (10_000 - ofFlood));
            assertThat(trail.lines().get(ofFlood + 1)).contains("method=dyadic.v1.Sampler/CloseRun");
        }
    }

    @Test
    void aRateGivesItsBurstAndThenItsShare() {
        Rate rate = new Rate(5, 0);

        assertThat(taken(rate, 0, 100)).isEqualTo(50);
        assertThat(taken(rate, 999_999_999, 100)).isEqualTo(4);
        assertThat(taken(rate, 1_000_000_000, 100)).isEqualTo(1);
        assertThat(taken(rate, 1_000_000_000_000L, 100)).isEqualTo(50);
    }

    private static int taken(Rate rate, long now, int tries) {
        int taken = 0;
        for (int i = 0; i < tries; i++) {
            taken += rate.take(now) ? 1 : 0;
        }
        return taken;
    }

    private static ClientSettings with(String token) {
        return new ClientSettings(Optional.empty(), Optional.empty(), Optional.of(token), false);
    }
}
