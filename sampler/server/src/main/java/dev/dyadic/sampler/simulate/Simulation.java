package dev.dyadic.sampler.simulate;

import dev.dyadic.proto.Split;
import dev.dyadic.proto.Weighting;
import dev.dyadic.proto.avro.RunOpened;
import dev.dyadic.sampler.order.Curriculum;
import dev.dyadic.sampler.order.Decision;
import dev.dyadic.sampler.order.Extent;
import dev.dyadic.sampler.order.LedgerState;
import dev.dyadic.sampler.order.MixtureWeights;
import dev.dyadic.sampler.order.OrderContradictionException;
import dev.dyadic.sampler.order.Outcome;
import dev.dyadic.sampler.order.Policy;
import dev.dyadic.sampler.order.PolicyChange;
import dev.dyadic.sampler.order.PoolAccount;
import dev.dyadic.sampler.order.RunDecisions;
import dev.dyadic.sampler.order.RunOrder;
import dev.dyadic.sampler.order.RunSpec;
import dev.dyadic.sampler.order.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecordBase;

/// One life of a few replicas over one ledger, made from a seed: they read at their own pace, plan, race, crash, lose
/// their disks; meanwhile rows arrive, and runs are opened, amended, forked and closed. Everything that is ever served
/// is held against the laws.
public final class Simulation {
    private static final int EVENTS = 160;
    private static final int MAX_RUNS = 4;
    /// Beyond the last planned step, nothing more is demanded: cycles stay few.
    private static final int MAX_CYCLES = 14;

    private final PlantedBug bug;
    private final World world;
    private final Checker checker;
    private final List<Replica> replicas = new ArrayList<>();
    /// Records that were sent and are not in the ledger yet; they arrive in any order, or never.
    private final List<SpecificRecordBase> inFlight = new ArrayList<>();
    private int opened;
    private int refused;

    /// @param brokenLaw what was found, or empty
    public record Result(long seed, Optional<String> brokenLaw, Counts counts) {}

    /// What happened, in all runs together.
    ///
    /// @param steps that were served and checked
    /// @param ledgerRecords that came into the ledger, in whatever way they counted
    /// @param lostRaces records that another one had made void
    /// @param shedRows given up because of a backlog
    /// @param refused requests that a replica turned down
    public record Counts(
            long steps,
            long ledgerRecords,
            long lostRaces,
            long cycles,
            long forks,
            long amendments,
            long shedRows,
            long refused) {
        public static final Counts NONE = new Counts(0, 0, 0, 0, 0, 0, 0, 0);

        public Counts plus(Counts other) {
            return new Counts(
                    steps + other.steps,
                    ledgerRecords + other.ledgerRecords,
                    lostRaces + other.lostRaces,
                    cycles + other.cycles,
                    forks + other.forks,
                    amendments + other.amendments,
                    shedRows + other.shedRows,
                    refused + other.refused);
        }
    }

    private Simulation(long seed, PlantedBug bug) {
        this.bug = bug;
        world = new World(seed);
        checker = new Checker(world);
        for (long i = world.between(2, 3); i > 0; i--) {
            replicas.add(bug.replica(world, "replica-" + i));
        }
    }

    public static Result run(long seed, PlantedBug bug) {
        Simulation simulation = new Simulation(seed, bug);
        Optional<String> broken = Optional.empty();
        try {
            simulation.live();
        } catch (Checker.BrokenLaw | OrderContradictionException e) {
            broken = Optional.of(String.valueOf(e.getMessage()));
        }
        return new Result(seed, broken, simulation.counts());
    }

    private Counts counts() {
        LedgerState state = new LedgerState(world.corpus, bug.parts());
        long lostRaces = 0;
        long amendments = 0;
        for (int offset = 0; offset < world.ledger.size(); offset++) {
            switch (state.apply(offset, world.ledger.get(offset))) {
                case Outcome.Accepted() -> {}
                case Outcome.AmendmentTaken _ -> amendments++;
                case Outcome.Ignored _, Outcome.Invalid _ -> lostRaces++;
                case Outcome.Unknown(String needs) -> throw new IllegalStateException(needs);
            }
        }
        long cycles = 0;
        long forks = 0;
        long shedRows = 0;
        for (RunOrder order : state.runs()) {
            cycles += order.cycleCount();
            forks += order.run().parent().isPresent() ? 1 : 0;
            if (order.run().until().isEmpty()) {
                shedRows +=
                        order.accounts().stream().mapToLong(PoolAccount::shed).sum();
            }
        }
        return new Counts(
                checker.stepsServed(), world.ledger.size(), lostRaces, cycles, forks, amendments, shedRows, refused);
    }

    private void live() {
        world.arrive(world.between(20, 200));
        open();
        for (int event = 0; event < EVENTS; event++) {
            happen(replicas.get((int) world.random.nextBelow(replicas.size())));
        }
        end();
    }

    private void happen(Replica replica) {
        switch ((int) world.random.nextBelow(16)) {
            case 0 -> world.arrive(world.between(1, 60));
            case 1, 2 -> replica.readLog();
            case 3, 4 -> replica.readLedger(world.between(1, 3));
            case 5, 6 -> deliver();
            case 7, 8, 9 -> propose(replica);
            case 10, 11, 12 -> serve(replica);
            case 13 -> change(replica);
            case 14 -> {
                if (world.chance(3)) {
                    replica.crash(world.chance(3));
                }
            }
            default -> replica.readAllOfLedger();
        }
    }

    /// One of the records that are on their way arrives, or is lost.
    private void deliver() {
        if (!inFlight.isEmpty()) {
            SpecificRecordBase record = inFlight.remove((int) world.random.nextBelow(inFlight.size()));
            if (!world.chance(12)) {
                world.append(record);
            }
        }
    }

    private void propose(Replica replica) {
        for (RunOrder order : replica.state().runs()) {
            if (order.cycleCount() < MAX_CYCLES) {
                replica.propose(order, world.chance(2)).ifPresent(inFlight::add);
            }
        }
    }

    private void serve(Replica replica) {
        for (RunOrder order : replica.state().runs()) {
            if (order.horizon() > 0) {
                checker.serve(order, world.random.nextBelow(order.horizon()));
            }
        }
    }

    /// A user opens, amends, forks or closes a run, through a replica: what the replica decides is appended.
    private void change(Replica replica) {
        List<RunOrder> runs = List.copyOf(replica.state().runs());
        if (runs.isEmpty()) {
            return;
        }
        RunOrder order = runs.get((int) world.random.nextBelow(runs.size()));
        RunDecisions decisions = new RunDecisions(replica.state());
        switch ((int) world.random.nextBelow(5)) {
            case 0 -> open();
            case 1, 2 -> take(decisions.amend(order.run().name(), policyChange(order), 0));
            case 3 -> fork(decisions, order);
            default -> {
                if (world.chance(4)) {
                    take(decisions.close(order.run().name(), 0));
                }
            }
        }
    }

    /// What is refused, or is there already, leaves nothing in the ledger.
    private void take(Decision decision) {
        switch (decision) {
            case Decision.Append(SpecificRecordBase record) -> {
                inFlight.add(record);
                opened += record instanceof RunOpened ? 1 : 0;
            }
            case Decision.Done _ -> {}
            case Decision.Refused _ -> refused++;
        }
    }

    private void open() {
        if (opened == MAX_RUNS) {
            return;
        }
        long tokensPerStep = world.buckets.maxLength() * world.between(1, 3);
        Extent extent = world.chance(3)
                ? new Extent.Bounded((int) world.between(1, 4), (int) world.between(1, 2))
                : new Extent.Live(tokensPerStep * world.between(1, 8), 0, 1);
        Policy policy = policy();
        RunSpec spec = new RunSpec(
                world.random.next(),
                tokensPerStep,
                world.buckets,
                policy.curriculum(),
                policy.weighting(),
                policy.mixture(),
                Split.TRAIN,
                RunSpec.EARLIEST,
                extent);
        Window ends = world.ends();
        boolean bounded = extent instanceof Extent.Bounded;
        Window from = bounded || world.chance(2) ? world.beginning() : ends;
        RunDecisions.Rows rows = new RunDecisions.Rows(from, bounded ? Optional.of(ends) : Optional.empty());
        LedgerState folded = new LedgerState(world.corpus, bug.parts());
        for (int offset = 0; offset < world.ledger.size(); offset++) {
            folded.apply(offset, world.ledger.get(offset));
        }
        if (new RunDecisions(folded).open(name(), spec, rows, 0) instanceof Decision.Append(var record)) {
            world.append(record);
            opened++;
        }
    }

    /// Now and then with steps that the parent has not planned: that has to be refused.
    private void fork(RunDecisions decisions, RunOrder parent) {
        if (opened == MAX_RUNS) {
            return;
        }
        long step = world.between(0, parent.horizon());
        long skip = world.chance(2) ? 0 : world.between(0, Math.min(5, parent.horizon() - step));
        long beyond = world.chance(8) ? parent.horizon() + 1 : 0;
        Optional<Long> seed = world.chance(2) ? Optional.empty() : Optional.of(world.random.next());
        take(decisions.fork(name(), parent.run().name(), step, skip + beyond, seed, policyChange(parent), 0));
    }

    /// A bounded run keeps its mixture; now and then one is asked to change it, which has to be refused.
    private PolicyChange policyChange(RunOrder order) {
        Policy policy = policy();
        boolean keeps = order.run().until().isPresent() && !world.chance(8);
        return new PolicyChange(
                policy.curriculum().name(),
                List.of(),
                Optional.of(policy.weighting()),
                keeps ? Optional.empty() : Optional.of(policy.mixture()));
    }

    private Policy policy() {
        String preset = Curriculum.PRESETS.get((int) world.random.nextBelow(Curriculum.PRESETS.size()));
        return new Policy(
                Curriculum.of(preset, world.buckets, List.of()),
                world.chance(2) ? Weighting.ODDS : Weighting.ODDS_TIMES_STEPS,
                world.chance(2) ? MixtureWeights.NATURAL : mixture());
    }

    private MixtureWeights mixture() {
        Map<String, Long> sources = new TreeMap<>();
        if (world.chance(2)) {
            World.SOURCES.forEach(source -> sources.put(source, world.random.nextBelow(4)));
        }
        List<Long> buckets = new ArrayList<>();
        if (world.chance(3)) {
            for (int i = 0; i < world.buckets.count(); i++) {
                buckets.add(world.between(i == 0 ? 1 : 0, 3));
            }
        }
        long backlog = world.chance(2) ? 0 : world.buckets.max().positions(world.between(1, 40));
        return new MixtureWeights(new TreeMap<>(sources), 1, buckets, backlog);
    }

    /// A name that no run has had; it counts as taken once its record is on its way.
    private String name() {
        return "run-" + opened;
    }

    /// All that is on its way arrives, all replicas read all of it, and one that is new folds the whole ledger: they
    /// have one order, and it keeps the laws.
    private void end() {
        while (!inFlight.isEmpty()) {
            deliver();
        }
        Replica fresh = new Replica(world, bug.parts(), "fresh");
        fresh.readAllOfLedger();
        for (Replica replica : replicas) {
            replica.readAllOfLedger();
            replica.readAllOfLog();
            for (RunOrder order : replica.state().runs()) {
                checkSame(order, fresh);
                checker.audit(order);
            }
        }
        for (RunOrder order : fresh.state().runs()) {
            checker.audit(order);
        }
    }

    private static void checkSame(RunOrder order, Replica fresh) {
        long horizon =
                fresh.state().run(order.run().name()).map(RunOrder::horizon).orElse(-1L);
        if (horizon != order.horizon()) {
            throw new Checker.BrokenLaw("law 3: a replica has " + order.horizon() + " steps of "
                    + order.run().name() + ", but one that reads the ledger anew has " + horizon);
        }
    }
}
