package dev.dyadic.deploy.audit;

import dev.dyadic.deploy.history.History;
import dev.dyadic.deploy.history.KafkaHistory;
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

    private final History history;
    private final Topics topics;
    private final int firstCycle;
    private final Map<Place, Base> bases = new HashMap<>();
    private final RunOrder order;
    private final Run run;
    private final RowLog rows;
    private final Findings findings;
    private final StepVisitor visitor;
    private final Map<Place, BitSet> dealt = new HashMap<>();
    private final Map<Bucket, Long> dealtByBucket = new TreeMap<>();
    private long dealtRows;
    private long rowsGone;
    private long windowsGone;
    private long stepsChecked;

    /// Told the digest of every step.
    @FunctionalInterface
    interface StepVisitor {
        void step(long step, Bucket bucket, long digest);
    }

    /// @param firstCycle that is looked at
    RunAudit(History history, RunOrder order, int firstCycle, RowLog rows, Findings findings, StepVisitor visitor) {
        this.history = history;
        this.topics = history.topics();
        this.order = order;
        this.firstCycle = firstCycle;
        this.run = order.run();
        this.rows = rows;
        this.findings = findings;
        this.visitor = visitor;
    }

    /// @param progress told how many steps were looked at, and how many there are
    void audit(KafkaHistory.Progress progress) {
        long pass = order.cycleCount() > firstCycle ? order.passes().of(firstCycle) : 0;
        long firstStep =
                order.cycleCount() > firstCycle ? order.cycle(firstCycle).firstStep() : 0;
        for (int number = firstCycle; number < order.cycleCount(); number++) {
            Cycle cycle = order.cycle(number);
            if (order.passes().of(number) > pass) {
                pass = order.passes().of(number);
                endPass(number);
                dealt.clear();
                dealtByBucket.clear();
            }
            checkAdmitted(cycle);
            checkSteps(cycle);
            progress.update(cycle.endStep() - firstStep, order.horizon() - firstStep);
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

    /// Counts and digests are sums from the run's beginning on. Where the rows there are gone, or left out, those of
    /// the first cycle whose window ends where rows are stand for them.
    private void checkAdmitted(Cycle cycle, PoolKey pool, int partition) {
        Base base = base(pool, partition);
        long to = cycle.window().get(pool.bucket(), partition);
        if (to < base.offset()) {
            windowsGone++;
            return;
        }
        Admitted admitted = cycle.admitted().get(pool);
        long expectedRows = (admitted == null ? 0 : admitted.rows(partition)) - base.rows();
        long expectedDigest = (admitted == null ? 0 : admitted.digest(partition)) - base.digest();
        RowLog.Rows log = rowsOf(pool, partition);
        long end = log.before(to);
        String where = DocumentAudit.at(topics.sequences(pool.bucket()), partition, to) + ", source " + pool.source();
        if (end - base.row() != expectedRows) {
            findings.breach(
                    Law.PURE_BATCHES,
                    where + ": the manifest at ledger offset " + cycle.ledgerOffset() + " counts " + expectedRows
                            + " rows from offset " + base.offset() + ", but there are " + (end - base.row())
                            + ": a row is lost or doubled");
        } else if (log.digestSum(end) - log.digestSum(base.row()) != expectedDigest) {
            findings.breach(
                    Law.PURE_BATCHES,
                    where + ": the digest of the rows from offset " + base.offset()
                            + " is not that of the manifest at ledger offset " + cycle.ledgerOffset()
                            + ": a row was altered or moved");
        }
    }

    /// From where on the rows of a pool on a partition are counted.
    ///
    /// @param row number in the log of the first row at or after the offset
    /// @param rows of the run before it
    /// @param digest of those
    private record Base(long offset, long row, long rows, long digest) {}

    private Base base(PoolKey pool, int partition) {
        return bases.computeIfAbsent(new Place(pool, partition), _ -> {
            long beginning = history.beginning(topics.sequences(pool.bucket()), partition)
                    .offset();
            long from = run.from().get(pool.bucket(), partition);
            RowLog.Rows log = rowsOf(pool, partition);
            if (beginning <= from) {
                return new Base(from, log.before(from), 0, 0);
            }
            for (int number = 0; number < order.cycleCount(); number++) {
                Cycle cycle = order.cycle(number);
                long offset = cycle.window().get(pool.bucket(), partition);
                if (offset >= beginning) {
                    Admitted admitted = cycle.admitted().get(pool);
                    return new Base(
                            offset,
                            log.before(offset),
                            admitted == null ? 0 : admitted.rows(partition),
                            admitted == null ? 0 : admitted.digest(partition));
                }
            }
            return new Base(Long.MAX_VALUE, log.count(), 0, 0);
        });
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
            long at = step;
            checkRows(step, cycleOrder.rows(step, 0, count)).ifPresent(digest -> visitor.step(at, bucket, digest));
            stepsChecked++;
        }
    }

    /// @return the step's digest; empty where rows of it are gone
    private Optional<Long> checkRows(long step, RowRefs refs) {
        boolean isWhole = true;
        long digest = 0;
        for (int i = 0; i < refs.count(); i++) {
            PoolKey pool = new PoolKey(refs.bucket(), refs.source(i));
            int partition = refs.partition(i);
            RowLog.Rows log = rowsOf(pool, partition);
            Base base = base(pool, partition);
            long row = base.row() + refs.ordinal(i) - base.rows();
            if (row < 0 || base.offset() == Long.MAX_VALUE) {
                // Retention took it, or it is left out: what its bytes were, nobody can tell.
                rowsGone++;
                isWhole = false;
            } else if (row >= log.count()) {
                findings.breach(
                        Law.PURE_BATCHES,
                        topics.sequences(refs.bucket()) + " partition " + partition + ": step " + step + " needs row "
                                + refs.ordinal(i) + " of source " + refs.source(i) + ", but there are " + log.count());
                continue;
            }
            BitSet seen = dealt.computeIfAbsent(new Place(pool, partition), _ -> new BitSet());
            int ordinal = Math.toIntExact(refs.ordinal(i));
            if (seen.get(ordinal)) {
                findings.breach(
                        Law.AT_MOST_ONCE,
                        (row < 0
                                        ? topics.sequences(refs.bucket()) + " partition " + partition + " row "
                                                + ordinal
                                        : DocumentAudit.at(topics.sequences(refs.bucket()), partition, log.offset(row)))
                                + ": step " + step + " serves it a second time in this pass");
            }
            seen.set(ordinal);
            dealtRows++;
            dealtByBucket.merge(refs.bucket(), 1L, Long::sum);
            if (isWhole) {
                digest += RowDigest.inStep(log.contentHash(row), step, i);
            }
        }
        return isWhole ? Optional.of(digest) : Optional.empty();
    }

    /// At the end of a pass, fewer rows than one step are left per bucket, of those that the pass takes.
    private void endPass(int endCycle) {
        if (firstCycle > 0 && order.passes().of(firstCycle) == order.passes().of(endCycle - 1)) {
            // Steps of this pass were left out.
            return;
        }
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
            boolean mayDiffer = !live || run.parent().isPresent() || firstCycle > 0;
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
                (order.cycleCount() - firstCycle) + " manifests agree with the log in counts and digests of "
                        + (firstCycle == 0 && windowsGone + rowsGone == 0
                                ? admitted + " rows"
                                : "the rows that were looked at")
                        + (windowsGone + rowsGone == 0
                                ? ""
                                : "; " + rowsGone + " rows that steps serve, and " + windowsGone
                                        + " parts of windows, are gone with retention or left out, and were not looked"
                                        + " at"));
        findings.summary(
                Law.CONSTANT_TOKENS,
                stepsChecked + " planned steps have " + run.spec().tokensPerStep() + " positions each");
        findings.summary(Law.ONE_LENGTH, stepsChecked + " planned steps follow their schedules, one length each");
        findings.summary(
                Law.AT_MOST_ONCE,
                dealtRows + " rows dealt, none twice within a pass"
                        + (firstCycle == 0 ? "" : ", among the steps that were looked at"));
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
