package dev.dyadic.deploy.faults;

import dev.dyadic.proto.Digests;
import dev.dyadic.proto.SplitMix64;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.sampler.client.SamplerClientException;
import dev.dyadic.v1.SamplerProto.Batch;
import dev.dyadic.v1.SamplerProto.GetBatchRequest;
import io.grpc.Status;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/// Fetches steps from samplers, again and again, and remembers what came: the same step has the same bytes, whoever
/// serves it and whatever happens meanwhile.
final class Recorder {
    /// @param digest as the sampler says
    record Seen(long digest, String sha256) {}

    record StepKey(String run, long step) {}

    private final Map<StepKey, Seen> seen = new ConcurrentHashMap<>();
    private final Queue<String> broken = new ConcurrentLinkedQueue<>();
    private final Map<String, Long> refusals = new ConcurrentHashMap<>();
    private final Queue<String> damagedReplicas = new ConcurrentLinkedQueue<>();

    /// What went wrong so far.
    Queue<String> broken() {
        return broken;
    }

    Map<StepKey, Seen> seen() {
        return new HashMap<>(seen);
    }

    /// Statuses of calls that failed, with how often: they are allowed, other bytes are not.
    Map<String, Long> refusals() {
        return new TreeMap<>(refusals);
    }

    /// Samplers that said that their rows are damaged, since the last call.
    Optional<String> nextDamaged() {
        return Optional.ofNullable(damagedReplicas.poll());
    }

    /// Steps of a run that are recorded: `[0, n)` have been seen.
    long next(String run) {
        long step = 0;
        while (seen.containsKey(new StepKey(run, step))) {
            step++;
        }
        return step;
    }

    /// Fetches one step.
    ///
    /// @return whether it came
    boolean fetch(SamplerClient client, String replica, String run, long step) {
        try {
            Batch batch = client.getBatch(
                    GetBatchRequest.newBuilder().setRun(run).setStep(step).build());
            record(replica, run, step, batch);
            return true;
        } catch (SamplerClientException e) {
            refusals.merge(e.code().toString(), 1L, Long::sum);
            if (e.code() == Status.Code.DATA_LOSS) {
                damagedReplicas.add(replica);
            } else if (e.code() == Status.Code.INTERNAL || e.code() == Status.Code.UNKNOWN) {
                broken.add(replica + " failed at step " + step + " of " + run + ": " + e.getMessage());
            }
            return false;
        }
    }

    /// Fetches the next step, or now and then one of those before.
    boolean fetchSome(SamplerClient client, String replica, String run, SplitMix64 random) {
        long next = next(run);
        long step = next > 0 && random.nextBelow(4) == 0 ? random.nextBelow(next) : next;
        return fetch(client, replica, run, step);
    }

    void record(String replica, String run, long step, Batch batch) {
        byte[] tokens = batch.getTokens().toByteArray();
        Seen now = new Seen(batch.getDigest(), HexFormat.of().formatHex(Digests.sha256(tokens)));
        Seen before = seen.putIfAbsent(new StepKey(run, step), now);
        if (before != null && !before.equals(now)) {
            broken.add("step " + step + " of " + run + " has other bytes at " + replica + ": " + now + ", before "
                    + before);
        }
    }
}
