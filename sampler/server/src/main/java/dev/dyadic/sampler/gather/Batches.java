package dev.dyadic.sampler.gather;

import com.github.benmanes.caffeine.cache.AsyncCache;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.stats.CacheStats;
import com.google.protobuf.ByteString;
import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.sampler.ledger.Signal;
import dev.dyadic.sampler.order.Cycle;
import dev.dyadic.sampler.order.CycleOrder;
import dev.dyadic.sampler.order.RunOrder;
import dev.dyadic.sampler.segments.SegmentStore;
import dev.dyadic.sampler.wire.Slice;
import dev.dyadic.v1.SamplerProto.Batch;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Finds and gathers the rows of steps that are planned. A step is gathered once, whole, for all the slices that are
/// asked for, and kept until all its rows were handed out and a few other steps after it; the steps that follow it are
/// gathered ahead, on a few threads; all of it within a budget of bytes.
public final class Batches implements AutoCloseable {
    /// Steps gathered ahead of the one that is asked for.
    private static final int READ_AHEAD_STEPS = 4;
    /// A step of more than this part of the budget is gathered slice by slice, and not ahead.
    private static final int LARGE_STEP_PART = 4 * READ_AHEAD_STEPS;

    private static final int MAX_SERVED_STEPS = 4096;
    /// Steps that stay in memory after all their rows were handed out.
    private static final int MAX_KEPT_STEPS = 16;
    private static final int MIN_THREADS = 4;
    private static final long CLOSE_TIMEOUT_SECONDS = 5;
    /// Schedules and decks of cycles that are kept ready: so many bytes, or a part of the heap.
    private static final long MAX_READER_BYTES = 128 << 20;

    private static final long READER_HEAP_PART = 8;

    private final SegmentStore store;
    private final CorpusSettings corpus;
    private final Signal signal;
    private final RowRepair repair;
    private final long cacheBytes;
    private final int maxSliceBytes;
    private final ExecutorService gatherers = Executors.newFixedThreadPool(
            Math.max(MIN_THREADS, 2 * Runtime.getRuntime().availableProcessors()),
            Thread.ofPlatform().name("dyadic-gather-", 0).daemon().factory());
    private final Cache<CycleKey, CycleReader> readers;
    private final AsyncCache<StepKey, GatheredStep> steps;
    private final KeptSteps<StepKey> kept;
    /// Steps that were served lately.
    private final Cache<StepKey, Boolean> served =
            Caffeine.newBuilder().maximumSize(MAX_SERVED_STEPS).build();

    /// A fork has its parent's cycles, cut.
    private record CycleKey(long runId, long ledgerOffset) {}

    private record StepKey(long runId, long step) {}

    /// Which rows of a step a call asks for, once the number of rows is known.
    @FunctionalInterface
    public interface Selection {
        /// @return first row and end row
        Slice of(int rowsInStep);
    }

    /// What a call asks for of a step.
    ///
    /// @param withSources whether the batch says where its rows come from
    public record Wanted(Selection selection, boolean withSources) {}

    /// @param cacheBytes gathered steps that are kept, those that are read ahead included
    /// @param maxSliceBytes tokens of one answer
    public Batches(
            SegmentStore store,
            CorpusSettings corpus,
            Signal signal,
            RowRepair repair,
            long cacheBytes,
            int maxSliceBytes) {
        this.store = store;
        this.corpus = corpus;
        this.signal = signal;
        this.repair = repair;
        this.cacheBytes = cacheBytes;
        this.maxSliceBytes = maxSliceBytes;
        this.readers = Caffeine.newBuilder()
                .maximumWeight(Math.min(MAX_READER_BYTES, Runtime.getRuntime().maxMemory() / READER_HEAP_PART))
                .weigher((CycleKey _, CycleReader reader) -> reader.weightBytes())
                .build();
        this.steps = Caffeine.newBuilder()
                .executor(gatherers)
                .maximumWeight(cacheBytes)
                .weigher((StepKey _, GatheredStep step) -> step.bytes())
                .recordStats()
                .buildAsync();
        this.kept = new KeptSteps<>(
                MAX_KEPT_STEPS, cacheBytes / 2, step -> steps.synchronous().invalidate(step));
    }

    /// Gathers a slice of a planned step.
    ///
    /// @param budget that the slice's bytes are taken from before there are any
    public Batch get(RunOrder order, long step, Wanted wanted, GatherBudget budget, long deadlineNanos)
            throws InterruptedException {
        Cycle cycle = order.cycleOf(step)
                .orElseThrow(() -> new IllegalStateException("step " + step + " is asked for before it is planned"));
        CycleReader reader = reader(order, cycle);
        Bucket bucket = reader.bucketAt(step);
        int rowsInStep = reader.rowsInStep(step);
        int rowBytes = corpus.rowBytes(bucket);
        Slice range = wanted.selection().of(rowsInStep);
        int count = range.rows();
        if ((long) count * rowBytes > maxSliceBytes) {
            throw new InvalidException("a slice must have at most " + maxSliceBytes
                    + " bytes, which is " + maxSliceBytes / rowBytes + " rows of length " + bucket.length()
                    + ", but " + count + " were asked for: ask for fewer rows at a time");
        }
        reader.awaitRows(bucket, signal, repair, deadlineNanos);
        budget.takeBytes(count * rowBytes, deadlineNanos);
        boolean isLarge = isLarge(rowsInStep, rowBytes);
        GatheredStep gathered = budget.gather(
                () -> await(
                        isLarge
                                ? CompletableFuture.supplyAsync(
                                        () -> reader.gather(step, range.first(), count, rowBytes, repair), gatherers)
                                : gathered(order, reader, step),
                        deadlineNanos),
                deadlineNanos);
        if (!isLarge && gathered.served(count)) {
            kept.keep(new StepKey(order.run().id(), step), gathered.bytes());
        }
        Batch.Builder batch = Batch.newBuilder()
                .setRunId(order.run().id())
                .setStep(step)
                .setCycle(cycle.number())
                .setLength(bucket.length())
                .setRows(count)
                .setFirstRow(range.first())
                .setRowsInStep(rowsInStep)
                .setTokenWidth(corpus.tokenizer().tokenWidth())
                .setRowTokens(corpus.layout().rowTokens(bucket))
                .setDigest(gathered.digest(range.first(), range.end()))
                .setManifestDigest(ByteString.copyFrom(cycle.digest().toArray()))
                .setTokens(gathered.tokens(range.first(), range.end()));
        if (wanted.withSources()) {
            gathered.addSources(batch, range.first(), range.end());
        }
        return batch.build();
    }

    /// Begins to gather the steps that follow the last of these, where they are planned and their rows are here.
    ///
    /// Use this only when steps are read one after another: steps that are asked for here and there are not
    /// followed.
    ///
    /// @param offsets of the steps that one answer has, from the first on, ascending
    public void readAhead(RunOrder order, long first, List<Integer> offsets) {
        if (offsets.isEmpty()) {
            return;
        }
        offsets.forEach(offset -> served.put(new StepKey(order.run().id(), first + offset), Boolean.TRUE));
        long step = first + offsets.getLast();
        if (served.getIfPresent(new StepKey(order.run().id(), step - 1)) == null) {
            return;
        }
        for (long next = step + 1; next <= step + READ_AHEAD_STEPS; next++) {
            Optional<Cycle> cycle = order.cycleOf(next);
            if (cycle.isEmpty() || steps.getIfPresent(new StepKey(order.run().id(), next)) != null) {
                continue;
            }
            CycleReader reader = readers.getIfPresent(keyOf(order, cycle.get()));
            if (reader == null) {
                // Its schedule is drawn when its first step is asked for.
                return;
            }
            Bucket bucket = reader.bucketAt(next);
            if (reader.hasRows(bucket) && !isLarge(reader.rowsInStep(next), corpus.rowBytes(bucket))) {
                CompletableFuture<GatheredStep> _ = gathered(order, reader, next);
            }
        }
    }

    /// The length of a planned step.
    public int lengthOf(RunOrder order, long step) {
        return reader(order, planned(order, step)).bucketAt(step).length();
    }

    /// Waits until this replica has the rows of a planned step.
    ///
    /// @return bytes of the tokens of all of them
    public long awaitRows(RunOrder order, long step, long deadlineNanos) throws InterruptedException {
        CycleReader reader = reader(order, planned(order, step));
        Bucket bucket = reader.bucketAt(step);
        reader.awaitRows(bucket, signal, repair, deadlineNanos);
        return (long) reader.rowsInStep(step) * corpus.rowBytes(bucket);
    }

    /// Bytes of the tokens of one answer.
    public int maxSliceBytes() {
        return maxSliceBytes;
    }

    /// How a cycle of a run deals its rows.
    public CycleOrder orderOf(RunOrder order, Cycle cycle) {
        return reader(order, cycle).order();
    }

    /// See [SegmentStore#restore].
    public void restore(InternalError fault) {
        store.restore(fault);
    }

    /// How often a step that was asked for had been gathered.
    public CacheStats cacheStats() {
        return steps.synchronous().stats();
    }

    /// Bytes of gathered steps that are kept.
    public long cachedBytes() {
        return steps.synchronous()
                .policy()
                .eviction()
                .map(eviction -> eviction.weightedSize().orElse(0))
                .orElse(0L);
    }

    @Override
    public void close() {
        gatherers.shutdownNow();
        try {
            gatherers.awaitTermination(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Cycle planned(RunOrder order, long step) {
        return order.cycleOf(step)
                .orElseThrow(() -> new InvalidException("step must be one that is planned, below " + order.horizon()
                        + ", but was " + Long.toUnsignedString(step)));
    }

    private CompletableFuture<GatheredStep> gathered(RunOrder order, CycleReader reader, long step) {
        return steps.get(
                new StepKey(order.run().id(), step),
                _ -> reader.gather(step, 0, reader.rowsInStep(step), corpus.rowBytes(reader.bucketAt(step)), repair));
    }

    private boolean isLarge(int rows, int rowBytes) {
        return (long) rows * rowBytes > cacheBytes / LARGE_STEP_PART;
    }

    private CycleReader reader(RunOrder order, Cycle cycle) {
        return readers.get(keyOf(order, cycle), _ -> new CycleReader(order, new CycleOrder(order, cycle), store));
    }

    private static CycleKey keyOf(RunOrder order, Cycle cycle) {
        return new CycleKey(order.run().id(), cycle.ledgerOffset());
    }

    private static GatheredStep await(CompletableFuture<GatheredStep> step, long deadlineNanos)
            throws InterruptedException {
        try {
            return step.get(Math.max(0, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            throw new DyadicException(
                    DyadicException.Kind.NOT_READY, "the rows were not gathered before the call's deadline", e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() instanceof CompletionException wrapped ? wrapped.getCause() : e.getCause();
            if (cause instanceof RuntimeException failure) {
                throw failure;
            }
            if (cause instanceof InternalError fault) {
                throw fault;
            }
            throw new IllegalStateException("gathering a step failed", cause);
        }
    }
}
