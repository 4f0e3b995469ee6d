package dev.dyadic.sampler.watch;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.dyadic.proto.rpc.Caller;
import dev.dyadic.proto.rpc.Peer;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/// What this replica did lately, for those who watch: steps served, clients, losses that trainers told. In memory
/// only, bounded, and nothing depends on it.
public final class Activity {
    private static final int MAX_RUNS = 64;
    private static final int MAX_CLIENTS = 256;
    private static final long CLIENT_MINUTES = 10;
    /// Newest steps of a run whose lengths are kept, and newest losses of a length.
    static final int MAX_STEPS = 2048;

    static final int MAX_LOSSES = 256;

    private final InstantSource clock;
    private final Cache<String, OfRun> runs =
            Caffeine.newBuilder().maximumSize(MAX_RUNS).build();
    private final Cache<ClientKey, Client> clients = Caffeine.newBuilder()
            .maximumSize(MAX_CLIENTS)
            .expireAfterWrite(CLIENT_MINUTES, TimeUnit.MINUTES)
            .build();

    private record ClientKey(String peer, String run) {}

    /// @param name of the caller, where authentication is on
    /// @param step that it was served last
    record Client(String peer, String name, String run, long step, int firstRow, int endRow, long atMillis) {}

    record Loss(long step, double loss) {}

    /// @param lengths of the newest steps that were served; -1: not served here
    record RunActivity(
            long lastStep,
            long firstStep,
            List<Integer> lengths,
            long tokens,
            NavigableMap<Integer, List<Loss>> losses) {}

    private static final class OfRun {
        final int[] lengths = new int[MAX_STEPS];
        final long[] steps = new long[MAX_STEPS];
        final NavigableMap<Integer, Deque<Loss>> losses = new TreeMap<>();
        long lastStep = -1;
        long tokens;
    }

    public Activity(InstantSource clock) {
        this.clock = clock;
    }

    /// Told on the thread of the call.
    public void served(String run, long step, int length, int firstRow, int endRow) {
        OfRun of = runs.get(run, _ -> new OfRun());
        synchronized (of) {
            int slot = (int) (step % MAX_STEPS);
            of.steps[slot] = step;
            of.lengths[slot] = length;
            of.lastStep = Math.max(of.lastStep, step);
            of.tokens += (long) length * (endRow - firstRow);
        }
        String peer = Peer.current().toString();
        clients.put(
                new ClientKey(peer, run),
                new Client(peer, Caller.current().name(), run, step, firstRow, endRow, clock.millis()));
    }

    public void lossReported(String run, long step, int length, double loss) {
        OfRun of = runs.get(run, _ -> new OfRun());
        synchronized (of) {
            Deque<Loss> losses = of.losses.computeIfAbsent(length, _ -> new ArrayDeque<>());
            if (losses.size() == MAX_LOSSES) {
                losses.removeFirst();
            }
            losses.addLast(new Loss(step, loss));
        }
    }

    Optional<RunActivity> of(String run) {
        OfRun of = runs.getIfPresent(run);
        if (of == null) {
            return Optional.empty();
        }
        synchronized (of) {
            long first = Math.max(0, of.lastStep + 1 - MAX_STEPS);
            List<Integer> lengths = new ArrayList<>();
            for (long step = first; step <= of.lastStep; step++) {
                int slot = (int) (step % MAX_STEPS);
                lengths.add(of.steps[slot] == step && of.lengths[slot] > 0 ? of.lengths[slot] : -1);
            }
            NavigableMap<Integer, List<Loss>> losses = new TreeMap<>();
            of.losses.forEach((length, values) -> losses.put(length, List.copyOf(values)));
            return Optional.of(new RunActivity(of.lastStep, first, lengths, of.tokens, losses));
        }
    }

    List<Client> clients() {
        return clients.asMap().values().stream()
                .sorted(Comparator.comparing(Client::run).thenComparing(Client::peer))
                .toList();
    }
}
