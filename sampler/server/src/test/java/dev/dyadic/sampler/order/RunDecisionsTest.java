package dev.dyadic.sampler.order;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.proto.DyadicException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// What a request does: the record to append, or why there is none.
class RunDecisionsTest {
    private static final long LIVE_SEED = 1;
    private static final long BOUNDED_SEED = 2;
    private static final byte[] NO_DIGEST = new byte[RecordDigest.BYTES];

    private final OrderSimulation live = opened(LIVE_SEED);
    private final RunDecisions decisions = new RunDecisions(live.state);

    @Test
    void openingIsIdempotent() {
        assertThat(decisions.open("other", live.spec, rows(live), 0)).isInstanceOf(Decision.Append.class);
        assertThat(decisions.open(OrderSimulation.RUN, live.spec, rows(live), 0))
                .isEqualTo(new Decision.Done(live.order()));
    }

    @Test
    void anotherSpecUnderTheSameNameIsRefused() {
        RunSpec other = live.spec.with(live.spec.seed() + 1, live.spec.policy());

        Refusal refusal = refusal(decisions.open(OrderSimulation.RUN, other, rows(live), 0));

        assertThat(refusal.kind()).isEqualTo(DyadicException.Kind.MISMATCH);
        assertThat(refusal.reason())
                .startsWith("run run is there with another spec: seed: the run has ")
                .endsWith(". Use the run's spec, or another name.");
    }

    @Test
    void whatDiffersIsSaidInWords() {
        assertThat(with(new Extent.Live(65_536, 1_024, 500)).differences(with(new Extent.Bounded(1, 20))))
                .containsExactly(
                        "extent: the run has live, cycles of 65,536 tokens, or of 1,024 after 500 ms, but bounded,"
                                + " cycles a pass 1, passes 20 was asked for");
    }

    private RunSpec with(Extent extent) {
        RunSpec spec = live.spec;
        return new RunSpec(
                spec.seed(),
                spec.tokensPerStep(),
                spec.buckets(),
                spec.curriculum(),
                spec.weighting(),
                spec.mixture(),
                spec.split(),
                spec.start(),
                extent);
    }

    @Test
    void aBoundedRunHasToHaveSomething() {
        Window nothing = Window.of(live.buckets, live.partitions, (_, _) -> 3);
        Window less = Window.of(live.buckets, live.partitions, (_, _) -> 2);

        assertThat(refusal(decisions.open("b", live.spec, new RunDecisions.Rows(nothing, Optional.of(nothing)), 0))
                        .reason())
                .contains("nothing is there yet; ingest documents first");
        assertThat(refusal(decisions.open("b", live.spec, new RunDecisions.Rows(nothing, Optional.of(less)), 0))
                        .kind())
                .isEqualTo(DyadicException.Kind.INVALID);
    }

    @Test
    void namesAreChecked() {
        for (String name :
                List.of("a name", "..", ".hidden", "-x", "--help", "_", "", "x".repeat(129), "a/b", "a\u001bb")) {
            assertThat(refusal(decisions.open(name, live.spec, rows(live), 0)).reason())
                    .isEqualTo("a run's name must be 1 to 128 letters, digits, '.', '_' or '-', and begin with a letter"
                            + " or a digit, but was '" + name + "'");
        }
        assertThat(refusal(decisions.amend("nobody", PolicyChange.NONE, 0)).kind())
                .isEqualTo(DyadicException.Kind.NOT_FOUND);
    }

    @Test
    void aForkLiesWithinWhatIsPlanned() {
        long horizon = live.order().horizon();

        assertThat(fork(decisions, horizon - 1, 1, PolicyChange.NONE)).isInstanceOf(Decision.Append.class);
        assertThat(refusal(fork(decisions, horizon, 1, PolicyChange.NONE)))
                .isEqualTo(Refusal.of(
                        DyadicException.Kind.OUT_OF_RANGE,
                        "run run has " + horizon + " steps planned, but the fork begins at step " + horizon
                                + " and skips 1"));
    }

    @Test
    void boundedRunsKeepTheirMixture() {
        OrderSimulation bounded = opened(BOUNDED_SEED);
        RunDecisions ofBounded = new RunDecisions(bounded.state);
        PolicyChange change = new PolicyChange(
                "",
                List.of(),
                Optional.empty(),
                Optional.of(new MixtureWeights(MixtureWeights.NATURAL.sources(), 1, List.of(), 9)));

        assertThat(refusal(fork(ofBounded, 0, 0, change)).reason())
                .startsWith("the decks of a bounded run are made when it opens, so a fork keeps its mixture");
        assertThat(refusal(ofBounded.amend(OrderSimulation.RUN, change, 0)).reason())
                .startsWith("the decks of a bounded run are made when it opens, so it keeps its mixture");
        assertThat(refusal(ofBounded.amend(OrderSimulation.RUN, PolicyChange.NONE, 0))
                        .reason())
                .isEqualTo("run run is planned to its end: there is nothing left to amend; fork it");
    }

    @Test
    void whatIsClosedIsDoneAndNotAmended() {
        Decision closing = decisions.close(OrderSimulation.RUN, 0);
        assertThat(closing).isInstanceOf(Decision.Append.class);
        live.append(((Decision.Append) closing).record());

        assertThat(decisions.close(OrderSimulation.RUN, 0)).isEqualTo(new Decision.Done(live.order()));
        assertThat(refusal(decisions.amend(OrderSimulation.RUN, PolicyChange.NONE, 0))
                        .reason())
                .isEqualTo("run run is closed: there is nothing left to amend; fork it");
    }

    @Test
    void aCheckpointNamesRunStepAndManifest() {
        byte[] digest = live.order().cycle(0).digest().toArray();
        long id = live.order().run().id();

        assertThat(decisions.commit(OrderSimulation.RUN, id, 0, digest, 0)).isInstanceOf(Decision.Append.class);
        assertThat(refusal(decisions.commit(OrderSimulation.RUN, id, 0, NO_DIGEST, 0))
                        .reason())
                .startsWith("the checkpoint after step 0 names manifest 0000");
        assertThat(refusal(decisions.commit(OrderSimulation.RUN, id + 9, 0, digest, 0))
                        .reason())
                .isEqualTo("the checkpoint is of run id " + (id + 9) + ", but run run has id " + id);
        long beyond = live.order().horizon();
        assertThat(refusal(decisions.commit(OrderSimulation.RUN, id, beyond, digest, 0))
                        .reason())
                .isEqualTo("the checkpoint is after step " + beyond + ", but run run has only " + beyond
                        + " steps planned");
    }

    @Test
    void aCommitBelowTheNewestNeedsNoRecord() {
        byte[] digest = live.order().cycle(0).digest().toArray();
        long id = live.order().run().id();
        live.append(((Decision.Append) decisions.commit(OrderSimulation.RUN, id, 1, digest, 0)).record());

        assertThat(decisions.commit(OrderSimulation.RUN, id, 1, digest, 0)).isEqualTo(new Decision.Done(live.order()));
        assertThat(decisions.commit(OrderSimulation.RUN, id, 0, digest, 0)).isEqualTo(new Decision.Done(live.order()));
        assertThat(decisions.commit(OrderSimulation.RUN, id, 2, digest, 0)).isInstanceOf(Decision.Append.class);
        assertThat(decisions.commit(OrderSimulation.RUN, id, 0, NO_DIGEST, 0)).isInstanceOf(Decision.Refused.class);
    }

    /// The rule that decides is the rule that applies.
    @Test
    void whatIsDecidedIsTakenByTheFold() {
        for (Decision decision : List.of(
                fork(decisions, 1, 0, PolicyChange.NONE),
                decisions.amend(
                        OrderSimulation.RUN,
                        new PolicyChange("uniform", List.of(), Optional.empty(), Optional.empty()),
                        0),
                decisions.close(OrderSimulation.RUN, 0))) {
            Outcome outcome = live.append(((Decision.Append) decision).record());

            assertThat(outcome).isNotInstanceOfAny(Outcome.Ignored.class, Outcome.Invalid.class);
        }
    }

    private static Decision fork(RunDecisions decisions, long step, long skip, PolicyChange change) {
        return decisions.fork("fork", OrderSimulation.RUN, step, skip, Optional.empty(), change, 0);
    }

    private static Refusal refusal(Decision decision) {
        assertThat(decision).isInstanceOf(Decision.Refused.class);
        return ((Decision.Refused) decision).refusal();
    }

    private static RunDecisions.Rows rows(OrderSimulation simulation) {
        return new RunDecisions.Rows(simulation.order().run().from(), Optional.empty());
    }

    private static OrderSimulation opened(long seed) {
        OrderSimulation simulation = new OrderSimulation(seed);
        simulation.arrive(400);
        simulation.open(Window.of(simulation.buckets, simulation.partitions, (_, _) -> 0));
        simulation.planAll();
        return simulation;
    }
}
