package dev.dyadic.sampler.order;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.avro.Manifest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Laws 1, 3, 4, 5 and 6 on the pure order, by seed: even seeds are bounded runs, odd ones live.
class OrderTest {
    private record RowId(Bucket bucket, String source, int partition, long ordinal) {}

    static LongStream seeds() {
        return LongStream.range(0, 400);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void everyReplicaDealsTheSameRowsOnceEach(long seed) {
        OrderSimulation simulation = run(seed);
        RunOrder order = simulation.order();
        RunOrder replica = simulation.replay().run(OrderSimulation.RUN).orElseThrow();
        int cyclesPerPass =
                simulation.spec.extent() instanceof Extent.Bounded bounded ? bounded.cycles() : Integer.MAX_VALUE;
        Set<RowId> pass = new HashSet<>();
        Map<PoolKey, Long> dealt = new HashMap<>();

        for (int number = 0; number < order.cycleCount(); number++) {
            if (number > 0 && number % cyclesPerPass == 0) {
                checkEndOfPass(simulation, order.cycle(number - 1), pass);
                pass.clear();
            }
            CycleOrder cycle = new CycleOrder(order, order.cycle(number));
            CycleOrder other = new CycleOrder(replica, replica.cycle(number));
            for (long step = cycle.cycle().firstStep(); step < cycle.cycle().endStep(); step++) {
                int rows = cycle.rowsPerStep(step);
                assertThat(cycle.bucketAt(step).positions(rows)).isEqualTo(simulation.spec.tokensPerStep());
                List<RowId> ids = ids(cycle.rows(step, 0, rows));
                assertThat(sliced(other, step, rows, seed)).isEqualTo(ids);
                for (RowId id : ids) {
                    assertThat(pass.add(id)).as("row served once: %s", id).isTrue();
                    PoolKey pool = new PoolKey(id.bucket(), id.source());
                    dealt.merge(pool, 1L, Long::sum);
                    assertThat(id.ordinal())
                            .isLessThan(order.cycle(number)
                                    .admitted(pool)
                                    .orElseThrow()
                                    .rows(id.partition()));
                }
            }
        }

        if (simulation.spec.extent() instanceof Extent.Live) {
            checkLive(simulation, order, pass, dealt);
        } else {
            assertThat(order.isComplete()).isTrue();
            assertThat(order.totalSteps()).contains(order.horizon());
            checkEndOfPass(simulation, order.lastCycle().orElseThrow(), pass);
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void racingReplicasEndWithOneOrder(long seed) {
        OrderSimulation simulation = new OrderSimulation(seed);
        simulation.arrive(300);
        simulation.open(Window.of(simulation.buckets, simulation.partitions, (_, _) -> 0));
        int accepted = 0;
        int ignored = 0;

        for (int round = 0; round < 12; round++) {
            simulation.arrive(20);
            List<Manifest> proposals = new ArrayList<>();
            for (FakeLog view : List.of(simulation.log, simulation.log.until(simulation.random), simulation.log)) {
                if (simulation.plan(view) instanceof Plan.Proposed(Manifest manifest)) {
                    proposals.add(manifest);
                }
            }
            for (Manifest proposal : proposals) {
                switch (simulation.append(proposal)) {
                    case Outcome.Accepted() -> accepted++;
                    case Outcome.Ignored _ -> ignored++;
                    case Outcome.AmendmentTaken _ -> throw new AssertionError("a manifest amends nothing");
                    case Outcome.Unknown(String needs) -> throw new AssertionError(needs);
                    case Outcome.Invalid(String reason) -> throw new AssertionError(reason);
                }
            }
        }

        assertThat(simulation.order().cycleCount()).isEqualTo(accepted);
        assertThat(simulation.replay().run(OrderSimulation.RUN).orElseThrow().horizon())
                .isEqualTo(simulation.order().horizon());
        assertThat(accepted == 0 || ignored > 0 || simulation.order().isComplete())
                .isTrue();
    }

    @Test
    void liveRunsCarryOverWhatDoesNotFillAStep() {
        OrderSimulation simulation = run(1);
        long pendingBefore = pending(simulation);
        int before = simulation.order().cycleCount();

        simulation.arrive(500);
        simulation.planAll();

        assertThat(pendingBefore).isPositive();
        assertThat(simulation.order().cycleCount()).isGreaterThan(before);
        Cycle next = simulation.order().cycle(before);
        assertThat(next.decks().values())
                .anySatisfy(deck -> assertThat(deck.ranges()).anySatisfy(range -> {
                    Cycle last = simulation.order().cycle(before - 1);
                    long admittedBefore = last.admitted(new PoolKey(deck.bucket(), range.source()))
                            .map(Admitted::total)
                            .orElse(0L);
                    assertThat(range.from()).isLessThan(admittedBefore);
                }));
    }

    private static OrderSimulation run(long seed) {
        OrderSimulation simulation = new OrderSimulation(seed);
        simulation.arrive((int) simulation.random.nextBelow(400));
        Window from = simulation.random.nextBelow(2) == 0
                ? Window.of(simulation.buckets, simulation.partitions, (_, _) -> 0)
                : simulation.ends();
        simulation.arrive((int) simulation.random.nextBelow(400));
        simulation.open(from);
        for (int round = 0; round < 4; round++) {
            simulation.planAll();
            simulation.arrive((int) simulation.random.nextBelow(200));
        }
        simulation.planAll();
        return simulation;
    }

    private static long pending(OrderSimulation simulation) {
        RunOrder order = simulation.order();
        return order.lastCycle().orElseThrow().admitted().entrySet().stream()
                .mapToLong(pool -> pool.getValue().total() - order.head(pool.getKey()))
                .sum();
    }

    private static void checkLive(
            OrderSimulation simulation, RunOrder order, Set<RowId> rows, Map<PoolKey, Long> dealt) {
        dealt.forEach((pool, count) -> assertThat(order.head(pool)).isEqualTo(count));
        if (order.lastCycle().isEmpty()) {
            return;
        }
        // What is dealt of a pool is a head of it: on each partition, ordinals without gaps.
        Map<RowId, Long> tops = new HashMap<>();
        Map<RowId, Long> counts = new HashMap<>();
        for (RowId row : rows) {
            RowId place = new RowId(row.bucket(), row.source(), row.partition(), 0);
            tops.merge(place, row.ordinal() + 1, Math::max);
            counts.merge(place, 1L, Long::sum);
        }
        assertThat(counts).isEqualTo(tops);
        Plan next = simulation.plan(simulation.log);
        assertThat(next).isInstanceOf(Plan.NotEnough.class);
    }

    private static void checkEndOfPass(OrderSimulation simulation, Cycle last, Set<RowId> pass) {
        Map<Bucket, Long> left = new TreeMap<>();
        last.admitted().forEach((pool, admitted) -> left.merge(pool.bucket(), admitted.total(), Long::sum));
        pass.forEach(row -> left.merge(row.bucket(), -1L, Long::sum));
        left.forEach((bucket, rows) -> assertThat(rows).isBetween(0L, simulation.spec.rowsPerStep(bucket) - 1L));
    }

    private static List<RowId> ids(RowRefs refs) {
        List<RowId> ids = new ArrayList<>();
        for (int i = 0; i < refs.count(); i++) {
            ids.add(new RowId(refs.bucket(), refs.source(i), refs.partition(i), refs.ordinal(i)));
        }
        return ids;
    }

    private static List<RowId> sliced(CycleOrder cycle, long step, int rows, long seed) {
        int slices = 1 + (int) (seed % Math.min(rows, 5));
        List<RowId> ids = new ArrayList<>();
        for (int slice = 0; slice < slices; slice++) {
            int first = slice * rows / slices;
            ids.addAll(ids(cycle.rows(step, first, (slice + 1) * rows / slices - first)));
        }
        return ids;
    }
}
