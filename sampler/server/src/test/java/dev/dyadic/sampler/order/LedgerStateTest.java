package dev.dyadic.sampler.order;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.LedgerCodec;
import dev.dyadic.proto.LedgerHeaders;
import dev.dyadic.proto.avro.Committed;
import dev.dyadic.proto.avro.Manifest;
import dev.dyadic.proto.avro.PoolCounts;
import dev.dyadic.proto.avro.RunOpened;
import dev.dyadic.proto.avro.Sha256;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// The first valid record wins, and nothing else counts.
class LedgerStateTest {
    private static final long LIVE_SEED = 1;
    private static final long BOUNDED_SEED = 2;

    /// A record in Avro's single-object encoding, whose schema nobody has.
    private static final byte[] LATER_RELEASE = {(byte) 0xC3, 1, 1, 2, 3, 4, 5, 6, 7, 8, 99};

    private OrderSimulation live = new OrderSimulation(LIVE_SEED);

    @BeforeEach
    void openLiveRun() {
        live = opened(LIVE_SEED);
    }

    @Test
    void theFirstRunOfANameWins() {
        Outcome second = live.append(
                Run.record(OrderSimulation.RUN, live.spec, live.ends(), Optional.empty(), Optional.empty(), 5));

        assertThat(second).isEqualTo(new Outcome.Ignored("run run is there since offset 0"));
        assertThat(live.order().run().id()).isZero();
    }

    @Test
    void theFirstManifestOfACycleWins() {
        Manifest manifest = proposal(live);

        assertThat(live.append(manifest)).isEqualTo(new Outcome.Accepted());
        assertThat(live.append(manifest)).isEqualTo(new Outcome.Ignored("expected cycle 1, but it is 0"));
    }

    @Test
    void everyRuleOfAManifestIsChecked() {
        assertRefused(live, manifest -> manifest.setCycle(1), "expected cycle 0");
        assertRefused(live, manifest -> manifest.setPreviousOffset(7), "predecessor");
        assertRefused(live, manifest -> manifest.setPreviousDigest(new Sha256(new byte[32])), "predecessor");
        assertRefused(live, manifest -> manifest.setBasis(0), "basis");
        assertRefused(live, manifest -> manifest.setBasis(99), "basis");
        assertRefused(live, manifest -> manifest.setFirstStep(1), "first step");
        assertRefused(live, manifest -> manifest.setSteps(manifest.getSteps() + 1), "steps");
        assertRefused(live, manifest -> manifest.setPools(List.of()), "does not admit");
        assertRefused(live, manifest -> manifest.setDecks(List.of()).setSteps(0), "no steps");
        assertRefused(live, manifest -> manifest.setRunId(12), "there is no run");
        assertRefused(
                live,
                manifest -> {
                    manifest.getDecks().getFirst().put("key", 1L);
                    return manifest;
                },
                "key");
        assertRefused(
                live,
                manifest -> {
                    manifest.getDecks().getFirst().getRanges().getFirst().put("from", 1L);
                    return manifest;
                },
                "has no such steps");
    }

    @Test
    void windowsAndCountsNeverShrink() {
        assertThat(live.append(proposal(live))).isEqualTo(new Outcome.Accepted());
        live.arrive(400);

        assertRefused(
                live,
                manifest -> {
                    PoolCounts pool = manifest.getPools().getFirst();
                    pool.put(
                            "admitted", pool.getAdmitted().stream().map(_ -> 0L).toList());
                    return manifest;
                },
                "it admits fewer rows");
        assertRefused(
                live,
                manifest -> {
                    manifest.getWindow()
                            .getFirst()
                            .put(
                                    "offsets",
                                    manifest.getWindow().getFirst().getOffsets().stream()
                                            .map(_ -> 0L)
                                            .toList());
                    return manifest;
                },
                "its window ends before");
    }

    @Test
    void aReplicaWhoseRowsDifferFromTheLedgerDoesNotPlan() {
        assertThat(live.append(proposal(live))).isEqualTo(new Outcome.Accepted());
        live.arrive(400);

        FakeLog damaged = live.log.withoutFirstRow();

        assertThatThrownBy(() -> live.plan(damaged))
                .isInstanceOf(OrderContradictionException.class)
                .hasMessageContaining("rows contradict the ledger: the manifest at offset 1 counts");
    }

    @Test
    void decksOfBoundedRunsAreGiven() {
        OrderSimulation bounded = opened(BOUNDED_SEED);

        assertRefused(
                bounded,
                manifest -> {
                    manifest.getDecks().getFirst().put("key", 1L);
                    return manifest;
                },
                "its decks are not those of its cycle");
    }

    @Test
    void commitsHaveToNameTheManifestOfTheirStep() {
        live.append(proposal(live));
        byte[] digest = live.order().cycle(0).digest().toArray();

        assertThat(live.append(commit(0, new byte[32]))).isInstanceOf(Outcome.Invalid.class);
        assertThat(live.append(commit(live.order().horizon(), digest))).isInstanceOf(Outcome.Invalid.class);
        assertThat(live.append(commit(0, digest))).isEqualTo(new Outcome.Accepted());
        assertThat(live.order().committed())
                .hasValueSatisfying(committed -> assertThat(committed.step()).isZero());
    }

    @Test
    void bytesThatAreNoRecordChangeNothing() {
        long horizon = live.order().horizon();

        Outcome fold = live.state.apply(live.ledger.size(), new byte[] {1, 2, 3});

        assertThat(fold).isInstanceOf(Outcome.Invalid.class);
        assertThat(live.order().horizon()).isEqualTo(horizon);
    }

    @Test
    void aRecordOfALaterReleaseStopsTheRunThatItNames() {
        Outcome fold = live.appendRaw(LATER_RELEASE, LedgerHeaders.ofRun(0, Run.ORDER_VERSION));

        assertThat(fold)
                .isEqualTo(new Outcome.Unknown(
                        "it has the unknown schema fingerprint 807060504030201, of a later release"));
        assertThat(live.state.obstacle(OrderSimulation.RUN))
                .contains(Refusal.of(
                        DyadicException.Kind.NOT_READY,
                        "run run is neither planned nor served by this replica: ledger record 1 was written by a later"
                                + " release: it has the unknown schema fingerprint 807060504030201, of a later release;"
                                + " upgrade it"));
        assertThat(live.state.obstacle("another")).isEmpty();
        assertThat(live.state.obstacleOfAll()).isEmpty();
    }

    @Test
    void whatComesAfterARecordOfALaterReleaseChangesItsRunNoMore() {
        Manifest manifest = proposal(live);
        live.appendRaw(LATER_RELEASE, LedgerHeaders.ofRun(0, Run.ORDER_VERSION));

        Outcome fold = live.append(manifest);

        assertThat(fold).isInstanceOf(Outcome.Ignored.class);
        assertThat(live.order().horizon()).isZero();
    }

    @Test
    void aRecordThatNeedsALaterOrderVersionStopsItsRunThoughItCanBeRead() {
        byte[] manifest = LedgerCodec.encode(proposal(live));

        Outcome fold = live.appendRaw(manifest, LedgerHeaders.ofRun(0, Run.ORDER_VERSION + 1));

        assertThat(fold)
                .isEqualTo(new Outcome.Unknown("it needs order version " + (Run.ORDER_VERSION + 1)
                        + ", and this program knows those up to " + Run.ORDER_VERSION));
        assertThat(live.state.obstacle(OrderSimulation.RUN)).isPresent();
    }

    @Test
    void aRunThatALaterReleaseOpensIsNotOpenedAnewAndNeitherAreItsForks() {
        live.appendRaw(LATER_RELEASE, LedgerHeaders.ofNewRun("new", Run.ORDER_VERSION + 1));
        long id = live.ledger.size() - 1L;

        Outcome again = live.append(opening("new", Optional.empty()));
        Outcome fork = live.append(opening("fork", Optional.of(new ForkPoint(id, 0, 0))));

        assertThat(again).isInstanceOf(Outcome.Ignored.class);
        assertThat(fork).isInstanceOf(Outcome.Unknown.class);
        assertThat(live.state.obstacle("new")).isPresent();
        assertThat(live.state.obstacle("fork"))
                .hasValueSatisfying(refusal -> assertThat(refusal.reason()).contains("its run is a fork of run id 1"));
        assertThat(live.state.obstacle(OrderSimulation.RUN)).isEmpty();
        assertThat(new RunDecisions(live.state).opened("new", live.spec))
                .hasValueSatisfying(decision -> assertThat(decision).isInstanceOf(Decision.Refused.class));
    }

    @Test
    void aRecordOfALaterReleaseThatNamesNoRunStopsAll() {
        live.appendRaw(LATER_RELEASE, LedgerHeaders.NONE);

        assertThat(live.state.obstacleOfAll())
                .hasValueSatisfying(reason -> assertThat(reason)
                        .startsWith("every run is neither planned nor served by this replica: ledger record 1 "));
        assertThat(live.state.obstacle(OrderSimulation.RUN)).isPresent();
        assertThat(live.state.obstacle("another")).isPresent();
    }

    @Test
    void recordsSayWhichRunTheyAreAboutAndWhatTheyNeed() {
        assertThat(live.state.headers(opening("new", Optional.empty())))
                .isEqualTo(LedgerHeaders.ofNewRun("new", Run.ORDER_VERSION));
        assertThat(live.state.headers(proposal(live))).isEqualTo(LedgerHeaders.ofRun(0, Run.ORDER_VERSION));
        assertThat(live.state.headers(commit(0, new byte[32]))).isEqualTo(LedgerHeaders.ofRun(0, Run.ORDER_VERSION));
    }

    private RunOpened opening(String name, Optional<ForkPoint> parent) {
        return Run.record(name, live.spec, live.order().run().from(), Optional.empty(), parent, 5);
    }

    private static OrderSimulation opened(long seed) {
        OrderSimulation simulation = new OrderSimulation(seed);
        simulation.arrive(400);
        simulation.open(Window.of(simulation.buckets, simulation.partitions, (_, _) -> 0));
        return simulation;
    }

    private static Committed commit(long step, byte[] digest) {
        return new Committed(0L, step, new Sha256(digest), 0L);
    }

    private static Manifest proposal(OrderSimulation simulation) {
        Plan plan = simulation.plan(simulation.log);
        assertThat(plan).isInstanceOf(Plan.Proposed.class);
        return ((Plan.Proposed) plan).manifest();
    }

    private static void assertRefused(
            OrderSimulation simulation, UnaryOperator<Manifest.Builder> change, String reason) {
        Manifest changed =
                change.apply(Manifest.newBuilder(proposal(simulation))).build();
        int cycles = simulation.order().cycleCount();

        Outcome fold = simulation.append(changed);

        assertThat(fold).isInstanceOf(Outcome.Invalid.class);
        assertThat(((Outcome.Invalid) fold).reason()).contains(reason);
        assertThat(simulation.order().cycleCount()).isEqualTo(cycles);
    }
}
