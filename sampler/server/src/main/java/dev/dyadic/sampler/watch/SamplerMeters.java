package dev.dyadic.sampler.watch;

import dev.dyadic.sampler.gather.Batches;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/// The sampler's metrics. Names are Micrometer's; Prometheus shows `dyadic.freshness` as `dyadic_freshness_seconds`.
public final class SamplerMeters implements AutoCloseable {
    private static final long REFRESH_MILLIS = 5_000;
    /// Series of pools; where there are more, sources are summed up.
    private static final int MAX_POOL_SERIES = 1_000;

    private final MeterRegistry meters;
    private final SamplerView view;
    private final Timer waits;
    private final Counter refused;
    private final List<MultiGauge> multi = new ArrayList<>();
    private final MultiGauge poolRows;
    private final MultiGauge heldRows;
    private final MultiGauge cycles;
    private final MultiGauge stepsPlanned;
    private final MultiGauge stepServed;
    private final MultiGauge stepCommitted;
    private final Periodic periodic;
    private volatile SamplerView.Snapshot snapshot;

    public SamplerMeters(MeterRegistry meters, SamplerView view, CallLoad load, Batches batches) {
        this.meters = meters;
        this.view = view;
        this.snapshot = view.snapshot();
        this.waits = Timer.builder("dyadic.batch.wait")
                .description("From the call to the batch: planning, rows that are not here yet, bytes in flight")
                .serviceLevelObjectives(
                        Duration.ofMillis(1),
                        Duration.ofMillis(10),
                        Duration.ofMillis(100),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(10))
                .register(meters);
        this.refused = counter("dyadic.calls.refused", Tags.empty(), "Calls turned away: too many at once");
        gauge(
                "dyadic.replication.lag.records",
                "Records that Kafka has and this replica has not",
                () -> snapshot.lagRecords());
        freshness("0.5", () -> snapshot.freshness().p50Millis());
        freshness("0.99", () -> snapshot.freshness().p99Millis());
        freshness("1", () -> snapshot.freshness().maxMillis());
        gauge("dyadic.disk.bytes", "Rows on this replica's disk", () -> snapshot.diskBytes());
        gauge("dyadic.disk.limit.bytes", "Bound on the rows on disk; 0: none", () -> snapshot.diskLimitBytes());
        gauge(
                "dyadic.stalls",
                "Places between documents and this replica that do not move",
                () -> snapshot.stalls().size());
        gauge(
                "dyadic.retention.warnings",
                "Places where retention takes rows that a run needs",
                () -> snapshot.warnings().size());
        gauge(
                "dyadic.runs.not.served",
                "Runs that a later release has written to, which this replica leaves alone",
                () -> snapshot.runsNotServed());
        gauge(
                "dyadic.conserved",
                "1 where admitted = dealt + pending + shed in every pool",
                () -> snapshot.conserved() ? 1 : 0);
        gauge(
                "dyadic.clients",
                "Ranks, or clients that name none, of the last ten minutes",
                () -> snapshot.ranks().size());
        gauge("dyadic.calls", "Calls that are open, waiting ones included", load::callsInUse);
        gauge("dyadic.calls.gathering", "Calls that gather batches", load::callsGathering);
        gauge("dyadic.calls.limit", "Calls that may gather batches at once", load::maxCalls);
        gauge("dyadic.answers.in.flight.bytes", "Bytes of answers on their way", load::bytesInUse);
        gauge("dyadic.answers.in.flight.limit.bytes", "Bytes of answers that may be on their way", load::maxBytes);
        gauge("dyadic.cache.bytes", "Gathered steps in memory", batches::cachedBytes);
        FunctionCounter.builder(
                        "dyadic.cache.gets", batches, b -> b.cacheStats().hitCount())
                .tag("result", "hit")
                .description("Steps that were asked for and had been gathered")
                .register(meters);
        FunctionCounter.builder(
                        "dyadic.cache.gets", batches, b -> b.cacheStats().missCount())
                .tag("result", "miss")
                .description("Steps that were asked for and had not been gathered")
                .register(meters);
        this.poolRows = multi("dyadic.run.pool.rows", "Rows of a run's pools: admitted = dealt + pending + shed");
        this.heldRows = multi("dyadic.rows", "Rows that this replica holds");
        this.cycles = multi("dyadic.run.cycles", "Cycles that are planned");
        this.stepsPlanned = multi("dyadic.run.steps.planned", "Steps that are planned");
        this.stepServed = multi("dyadic.run.step.served", "Step that this replica has served last");
        this.stepCommitted = multi("dyadic.run.step.committed", "Step of the newest commit");
        this.periodic = new Periodic("dyadic-meters", REFRESH_MILLIS, this::refresh);
    }

    /// A batch was made.
    public void served(String run, int length, int rows, long waitedNanos) {
        waits.record(waitedNanos, TimeUnit.NANOSECONDS);
        Tags tags = Tags.of("run", run, "length", Integer.toString(length));
        counter("dyadic.tokens.served", tags, "Positions in batches that were served")
                .increment((double) length * rows);
        counter("dyadic.batches.served", tags, "Slices of steps that were served")
                .increment();
    }

    /// A trainer told its loss.
    public void lossReported(String run, int length, double loss) {
        meters.summary("dyadic.train.loss", "run", run, "length", Integer.toString(length))
                .record(loss);
    }

    public void refused() {
        refused.increment();
    }

    @Override
    public void close() {
        periodic.close();
        multi.forEach(gauge -> gauge.register(List.of(), true));
    }

    private void refresh() {
        SamplerView.Snapshot now = view.snapshot();
        snapshot = now;
        heldRows.register(
                now.rows().stream()
                        .map(rows -> row(rows.rows(), "length", Integer.toString(rows.length()), "split", rows.split()))
                        .toList(),
                true);
        poolRows.register(poolSeries(view.pools()), true);
        perRun(cycles, now, run -> run.cycles());
        perRun(stepsPlanned, now, run -> run.stepsPlanned());
        perRun(stepServed, now, run -> run.servedStep());
        perRun(stepCommitted, now, run -> run.committedStep());
    }

    private static List<MultiGauge.Row<?>> poolSeries(List<SamplerView.RunPools> runs) {
        int pools = runs.stream().mapToInt(run -> run.pools().size()).sum();
        List<MultiGauge.Row<?>> rows = new ArrayList<>();
        for (SamplerView.RunPools run : runs) {
            Map<String, long[]> sums = new TreeMap<>();
            for (SamplerView.Pool pool : run.pools()) {
                String source = pools * 4 > MAX_POOL_SERIES ? "(all)" : pool.source();
                long[] sum = sums.computeIfAbsent(pool.length() + "/" + source, _ -> new long[4]);
                sum[0] += pool.admitted();
                sum[1] += pool.dealt();
                sum[2] += pool.pending();
                sum[3] += pool.shed();
            }
            String[] states = {"admitted", "dealt", "pending", "shed"};
            sums.forEach((key, sum) -> {
                int slash = key.indexOf('/');
                for (int i = 0; i < states.length; i++) {
                    rows.add(row(
                            sum[i],
                            "run",
                            run.run(),
                            "length",
                            key.substring(0, slash),
                            "source",
                            key.substring(slash + 1),
                            "state",
                            states[i]));
                }
            });
        }
        return rows;
    }

    private static void perRun(MultiGauge gauge, SamplerView.Snapshot now, ToLongFunction<SamplerView.RunView> value) {
        List<MultiGauge.Row<?>> rows = new ArrayList<>();
        for (SamplerView.RunView run : now.runs()) {
            long number = value.applyAsLong(run);
            if (number >= 0) {
                rows.add(row(number, "run", run.name()));
            }
        }
        gauge.register(rows, true);
    }

    private static MultiGauge.Row<?> row(long value, String... tags) {
        return MultiGauge.Row.of(Tags.of(tags), value);
    }

    private MultiGauge multi(String name, String description) {
        MultiGauge gauge = MultiGauge.builder(name).description(description).register(meters);
        multi.add(gauge);
        return gauge;
    }

    private void gauge(String name, String description, Supplier<Number> value) {
        Gauge.builder(name, value).description(description).register(meters);
    }

    private void freshness(String quantile, Supplier<Number> millis) {
        TimeGauge.builder("dyadic.freshness", millis, TimeUnit.MILLISECONDS)
                .description("From the publishing of a document to when its rows can be served")
                .tag("quantile", quantile)
                .register(meters);
    }

    private Counter counter(String name, Tags tags, String description) {
        return Counter.builder(name).tags(tags).description(description).register(meters);
    }
}
