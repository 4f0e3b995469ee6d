package dev.dyadic.deploy.audit;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Topics;
import dev.dyadic.sampler.order.Admitted;
import dev.dyadic.sampler.order.Cycle;
import dev.dyadic.sampler.order.CycleOrder;
import dev.dyadic.sampler.order.Extent;
import dev.dyadic.sampler.order.OrderContradictionException;
import dev.dyadic.sampler.order.PoolAccount;
import dev.dyadic.sampler.order.PoolKey;
import dev.dyadic.sampler.order.RowRefs;
import dev.dyadic.sampler.order.Run;
import dev.dyadic.sampler.order.RunOrder;
import dev.dyadic.sampler.segments.RowDigest;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// One run against the log: every cycle's counts and digests, every row of every step. Laws 1 (rows), 3, 4, 5 and 6.
final class RunAudit {
    private record Place(PoolKey pool, int partition) {}

    private final Topics topics;
    private final RunOrder order;
    private final Run run;
    private final RowLog rows;
    private final Findings findings;
    private final StepVisitor visitor;
    private final Map<Place, BitSet> dealt = new HashMap<>();
    private final Map<Bucket, Long> dealtByBucket = new TreeMap<>();
    private long dealtRows;
    private long stepsChecked;

    /// Told the digest of every step.
    @FunctionalInterface
    interface StepVisitor {
        void step(long step, Bucket bucket, long digest);
    }

    RunAudit(Topics topics, RunOrder order, RowLog rows, Findings findings, StepVisitor visitor) {
        this.topics = topics;
        this.order = order;
        this.run = order.run();
        this.rows = rows;
        this.findings = findings;
        this.visitor = visitor;
    }

    void audit() {
        long pass = 0;
        for (int number = 0; number < order.cycleCount(); number++) {
            Cycle cycle = order.cycle(number);
            if (order.passes().of(number) > pass) {
                pass = order.passes().of(number);
                endPass(number);
                dealt.clear();
                dealtByBucket.clear();
            }
            checkAdmitted(cycle);
            checkSteps(cycle);
        }
        if (run.spec().extent() instanceof Extent.Bounded && order.isComplete()) {
            endPass(order.cycleCount());
        }
        summarize();
    }

    /// Pools that the manifest does not list have no rows.
    private void checkAdmitted(Cycle cycle) {
        Set<PoolKey> pools = new TreeSet<>(cycle.admitted().keySet());
        for (Bucket bucket : run.spec().buckets()) {
            for (String source : rows.sources(bucket)) {
                pools.add(new PoolKey(bucket, source));
            }
        }
        for (PoolKey pool : pools) {
            for (int partition = 0; partition < run.from().partitions(); partition++) {
                checkAdmitted(cycle, pool, partition);
            }
        }
    }

    private void checkAdmitted(Cycle cycle, PoolKey pool, int partition) {
        Optional<Admitted> admitted = Optional.ofNullable(cycle.admitted().get(pool));
        int at = partition;
        long expectedRows = admitted.map(counts -> counts.rows(at)).orElse(0L);
        long expectedDigest = admitted.map(counts -> counts.digest(at)).orElse(0L);
        RowLog.Rows log = rowsOf(pool, partition);
        long to = cycle.window().get(pool.bucket(), partition);
        int first = log.before(run.from().get(pool.bucket(), partition));
        int end = log.before(to);
        String where = DocumentAudit.at(topics.sequences(pool.bucket()), partition, to) + ", source " + pool.source();
        if (end - first != expectedRows) {
            findings.breach(
                    Law.PURE_BATCHES,
                    where + ": the manifest at ledger offset " + cycle.ledgerOffset() + " counts " + expectedRows
                            + " rows from offset " + run.from().get(pool.bucket(), partition) + ", but there are "
                            + (end - first) + ": a row is lost or doubled");
        } else if (log.digestSum(end) - log.digestSum(first) != expectedDigest) {
            findings.breach(
                    Law.PURE_BATCHES,
                    where + ": the digest of the rows from offset " + run.from().get(pool.bucket(), partition)
                            + " is not that of the manifest at ledger offset " + cycle.ledgerOffset()
                            + ": a row was altered or moved");
        }
    }

    private void checkSteps(Cycle cycle) {
        CycleOrder cycleOrder;
        try {
            cycleOrder = new CycleOrder(order, cycle);
        } catch (OrderContradictionException e) {
            findings.breach(Law.ONE_LENGTH, String.valueOf(e.getMessage()));
            return;
        }
        for (long step = cycle.firstStep(); step < cycle.endStep(); step++) {
            Bucket bucket = cycleOrder.bucketAt(step);
            int count = cycleOrder.rowsPerStep(step);
            if (bucket.positions(count) != run.spec().tokensPerStep()) {
                findings.breach(
                        Law.CONSTANT_TOKENS,
                        "step " + step + " has " + count + " rows of length " + bucket.length() + ", expected "
                                + run.spec().tokensPerStep() + " positions");
            }
            visitor.step(step, bucket, checkRows(step, cycleOrder.rows(step, 0, count)));
            stepsChecked++;
        }
    }

    /// @return the step's digest
    private long checkRows(long step, RowRefs refs) {
        long digest = 0;
        for (int i = 0; i < refs.count(); i++) {
            PoolKey pool = new PoolKey(refs.bucket(), refs.source(i));
            int partition = refs.partition(i);
            RowLog.Rows log = rowsOf(pool, partition);
            long row = log.before(run.from().get(refs.bucket(), partition)) + refs.ordinal(i);
            if (row >= log.count()) {
                findings.breach(
                        Law.PURE_BATCHES,
                        topics.sequences(refs.bucket()) + " partition " + partition + ": step " + step + " needs row "
                                + refs.ordinal(i) + " of source " + refs.source(i) + ", but there are " + log.count());
                continue;
            }
            BitSet seen = dealt.computeIfAbsent(new Place(pool, partition), _ -> new BitSet());
            if (seen.get((int) row)) {
                findings.breach(
                        Law.AT_MOST_ONCE,
                        DocumentAudit.at(topics.sequences(refs.bucket()), partition, log.offset((int) row)) + ": step "
                                + step + " serves it a second time in this pass");
            }
            seen.set((int) row);
            dealtRows++;
            dealtByBucket.merge(refs.bucket(), 1L, Long::sum);
            digest += RowDigest.inStep(log.contentHash((int) row), step, i);
        }
        return digest;
    }

    /// At the end of a pass, fewer rows than one step are left per bucket, of those that the pass takes.
    private void endPass(int endCycle) {
        if (run.parent().isPresent()) {
            // What a fork skips is left over too, and the ledger says how many steps, not of which bucket.
            return;
        }
        order.passes().rowsTaken(order.cycle(endCycle - 1)).forEach((bucket, total) -> {
            long left = total - dealtByBucket.getOrDefault(bucket, 0L);
            if (left < 0 || left >= run.spec().rowsPerStep(bucket)) {
                findings.breach(
                        Law.AT_MOST_ONCE,
                        topics.sequences(bucket) + ": a pass leaves " + left + " rows, expected fewer than a step's "
                                + run.spec().rowsPerStep(bucket));
            }
        });
    }

    private void summarize() {
        long admitted = 0;
        long dealtByLedger = 0;
        long pending = 0;
        long shed = 0;
        for (PoolAccount pool : order.accounts()) {
            admitted += pool.admitted();
            dealtByLedger += pool.dealt();
            pending += pool.pending();
            shed += pool.shed();
            boolean live = run.spec().extent() instanceof Extent.Live;
            boolean mayDiffer = !live || run.parent().isPresent();
            if (pool.pending() < 0 || (!mayDiffer && pool.dealt() != seen(pool.pool()))) {
                findings.breach(
                        Law.CONSERVATION,
                        "pool " + pool.pool() + " admits " + pool.admitted() + " rows, deals " + pool.dealt()
                                + " and sheds " + pool.shed() + ", but its steps serve " + seen(pool.pool()));
            }
        }
        String rowsText = run.spec().extent() instanceof Extent.Live
                ? admitted + " rows = " + dealtByLedger + " dealt + " + pending + " pending + " + shed + " shed"
                : admitted + " rows admitted, " + dealtRows + " dealt over all passes";
        run.parent()
                .ifPresent(fork -> findings.summary(
                        Law.CONSERVATION,
                        "run " + run.name() + " was forked at step " + fork.step() + " and skips " + fork.skip()
                                + " steps of its parent"));
        findings.summary(Law.CONSERVATION, "run " + run.name() + ": " + rowsText);
        findings.summary(
                Law.PURE_BATCHES,
                order.cycleCount() + " manifests agree with the log in counts and digests of " + admitted + " rows");
        findings.summary(
                Law.CONSTANT_TOKENS,
                stepsChecked + " planned steps have " + run.spec().tokensPerStep() + " positions each");
        findings.summary(Law.ONE_LENGTH, stepsChecked + " planned steps follow their schedules, one length each");
        findings.summary(Law.AT_MOST_ONCE, dealtRows + " rows dealt, none twice within a pass");
    }

    private long seen(PoolKey pool) {
        return dealt.entrySet().stream()
                .filter(entry -> entry.getKey().pool().equals(pool))
                .mapToLong(entry -> entry.getValue().cardinality())
                .sum();
    }

    private RowLog.Rows rowsOf(PoolKey pool, int partition) {
        return rows.rows(pool.bucket(), pool.source(), run.spec().split(), partition);
    }
}
