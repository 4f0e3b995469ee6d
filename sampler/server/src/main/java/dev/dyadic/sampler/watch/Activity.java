package dev.dyadic.sampler.watch;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.dyadic.proto.rpc.Caller;
import dev.dyadic.proto.rpc.Peer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/// What this replica did lately, for those who watch: who trains, up to which step, and the losses that trainers told.
/// In memory only, bounded, and nothing depends on it.
public final class Activity {
    private static final int MAX_RUNS = 64;
    private static final int MAX_RANKS = 4096;
    private static final long RANK_MINUTES = 10;
    /// Newest losses of a length.
    static final int MAX_LOSSES = 512;

    private final InstantSource clock;
    private final Cache<String, OfRun> runs =
            Caffeine.newBuilder().maximumSize(MAX_RUNS).build();
    private final Cache<RankKey, OfRank> ranks = Caffeine.newBuilder()
            .maximumSize(MAX_RANKS)
            .expireAfterAccess(RANK_MINUTES, TimeUnit.MINUTES)
            .build();

    /// @param who rank and world, or the connection of a client that names none
    private record RankKey(String run, String who) {}

    /// One rank of a training, or one client that names none.
    ///
    /// @param world 0: the client names no rank
    /// @param name of the caller, where authentication is on
    /// @param step that it was served last; -1: none yet
    /// @param agoMillis since then; -1: none yet
    /// @param askedStep of its oldest call that has no answer; -1: there is none
    /// @param waitingMillis since it was first asked for, by this call or one in vain before; -1: there is none
    public record Rank(
            String run,
            int rank,
            int world,
            String peer,
            String name,
            long step,
            int firstRow,
            int endRow,
            long agoMillis,
            long askedStep,
            long waitingMillis) {}

    /// A mean cross-entropy over a step's targets, in nats.
    public record Loss(long step, double loss) {}

    /// @param lastStep that was served; -1: none
    /// @param servedMillis when one was served last; 0: never
    record RunActivity(long lastStep, long servedMillis, long tokens, NavigableMap<Integer, List<Loss>> losses) {
        static final RunActivity NONE = new RunActivity(-1, 0, 0, new TreeMap<>());
    }

    private static final class OfRun {
        /// By length, then by step.
        final NavigableMap<Integer, NavigableMap<Long, Double>> losses = new TreeMap<>();

        long lastStep = -1;
        long servedMillis;
        long tokens;
    }

    private static final class OfRank {
        final String run;
        final int rank;
        final int world;
        /// In the order in which they came: a client may fetch ahead.
        final Set<Call> open = new LinkedHashSet<>();

        String peer = "";
        String name = "";
        long step = -1;
        int firstRow;
        int endRow;
        long servedMillis;
        /// That a call asked for last without getting it, and since when: the client asks again.
        long missedStep = -1;

        long missedMillis;

        OfRank(String run, int rank, int world) {
            this.run = run;
            this.rank = rank;
            this.world = world;
        }

        synchronized Rank copy(long now) {
            Iterator<Call> calls = open.iterator();
            Call oldest = calls.hasNext() ? calls.next() : null;
            return new Rank(
                    run,
                    rank,
                    world,
                    peer,
                    name,
                    step,
                    firstRow,
                    endRow,
                    ago(servedMillis, now),
                    oldest == null ? -1 : oldest.step,
                    oldest == null ? -1 : ago(oldest.askedMillis, now));
        }
    }

    /// A call for steps, from when it came to its answer.
    public final class Call implements AutoCloseable {
        private final OfRank of;
        private final long step;
        private final long askedMillis;
        private boolean isServed;

        private Call(OfRank of, long step, long askedMillis) {
            this.of = of;
            this.step = step;
            this.askedMillis = askedMillis;
        }

        public void served(long servedStep, int length, int firstRow, int endRow) {
            long now = clock.millis();
            OfRun run = runs.get(of.run, _ -> new OfRun());
            synchronized (run) {
                // Not the highest: a training that goes back is where it is.
                run.lastStep = servedStep;
                run.servedMillis = now;
                run.tokens += (long) length * (endRow - firstRow);
            }
            synchronized (of) {
                isServed = true;
                of.missedStep = -1;
                of.step = servedStep;
                of.firstRow = firstRow;
                of.endRow = endRow;
                of.servedMillis = now;
            }
        }

        /// Whatever became of it: it waits no more.
        @Override
        public void close() {
            synchronized (of) {
                of.open.remove(this);
                if (!isServed) {
                    of.missedStep = step;
                    of.missedMillis = askedMillis;
                }
            }
        }
    }

    public Activity(InstantSource clock) {
        this.clock = clock;
    }

    /// Told on the thread of the call, which ends with [Call#close].
    ///
    /// @param step the first that is asked for
    /// @param world 0: the client names no rank
    public Call asks(String run, long step, int rank, int world) {
        String peer = Peer.current().toString();
        OfRank of =
                ranks.get(new RankKey(run, world > 0 ? rank + "/" + world : peer), _ -> new OfRank(run, rank, world));
        synchronized (of) {
            Call call = new Call(of, step, step == of.missedStep ? of.missedMillis : clock.millis());
            of.peer = peer;
            of.name = Caller.current().name();
            of.open.add(call);
            return call;
        }
    }

    public void lossReported(String run, long step, int length, double loss) {
        OfRun of = runs.get(run, _ -> new OfRun());
        synchronized (of) {
            // A training that went back tells these steps again.
            of.losses.values().forEach(later -> later.tailMap(step, true).clear());
            NavigableMap<Long, Double> losses = of.losses.computeIfAbsent(length, _ -> new TreeMap<>());
            losses.put(step, loss);
            if (losses.size() > MAX_LOSSES) {
                losses.pollFirstEntry();
            }
        }
    }

    RunActivity of(String run) {
        return Optional.ofNullable(runs.getIfPresent(run)).map(Activity::copy).orElse(RunActivity.NONE);
    }

    /// When each of the runs that were fetched lately was served last, in milliseconds since 1970 UTC.
    Map<String, Long> fetchedRuns() {
        Map<String, Long> fetched = new HashMap<>();
        runs.asMap().forEach((run, of) -> {
            synchronized (of) {
                fetched.put(run, of.servedMillis);
            }
        });
        return fetched;
    }

    private static RunActivity copy(OfRun of) {
        synchronized (of) {
            NavigableMap<Integer, List<Loss>> losses = new TreeMap<>();
            of.losses.forEach((length, bySteps) -> {
                List<Loss> values = new ArrayList<>(bySteps.size());
                bySteps.forEach((step, loss) -> values.add(new Loss(step, loss)));
                losses.put(length, values);
            });
            return new RunActivity(of.lastStep, of.servedMillis, of.tokens, losses);
        }
    }

    /// @param now in milliseconds since 1970 UTC
    List<Rank> ranks(long now) {
        return ranks.asMap().values().stream()
                .map(of -> of.copy(now))
                .sorted(Comparator.comparing(Rank::run)
                        .thenComparingInt(Rank::world)
                        .thenComparingInt(Rank::rank)
                        .thenComparing(Rank::peer))
                .toList();
    }

    /// @param millis since 1970 UTC; 0: never
    static long ago(long millis, long now) {
        return millis == 0 ? -1 : Math.max(0, now - millis);
    }
}
