package dev.dyadic.sampler.serve;

import com.google.protobuf.ByteString;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.rpc.Caller;
import dev.dyadic.proto.rpc.Role;
import dev.dyadic.sampler.gather.Batches;
import dev.dyadic.sampler.order.RunOrder;
import dev.dyadic.sampler.runs.Planning;
import dev.dyadic.sampler.runs.Runs;
import dev.dyadic.sampler.watch.Activity;
import dev.dyadic.sampler.watch.SamplerMeters;
import dev.dyadic.sampler.wire.Slice;
import dev.dyadic.v1.SamplerProto.Batch;
import dev.dyadic.v1.SamplerProto.GetBatchRequest;
import dev.dyadic.v1.SamplerProto.GetBatchesRequest;
import dev.dyadic.v1.SamplerProto.GetBatchesResponse;
import dev.dyadic.v1.SamplerProto.Position;
import dev.dyadic.v1.SamplerProto.StreamBatchesRequest;
import java.util.List;
import java.util.function.LongSupplier;

/// What calls for batches ask for, and their answers: waits until steps are planned, gathers their rows, and tells the
/// page and the metrics what is served.
public final class BatchCalls {
    /// Steps that one call may ask for.
    private static final int MAX_STEPS = 1024;

    private static final int MAX_AHEAD = 65_536;

    private final Runs runs;
    private final Planning planning;
    private final Batches batches;
    private final Activity activity;
    private final SamplerMeters meters;

    public BatchCalls(Runs runs, Planning planning, Batches batches, Activity activity, SamplerMeters meters) {
        this.runs = runs;
        this.planning = planning;
        this.batches = batches;
        this.activity = activity;
        this.meters = meters;
    }

    /// A slice of a step.
    Batch get(GetBatchRequest request, CallBudget.Share share, long deadlineNanos) throws InterruptedException {
        RunOrder order = runs.get(request.getRun());
        if (request.hasResume()) {
            requireResume(order, request.getResume(), request.getStep());
        }
        Batches.Wanted wanted = new Batches.Wanted(selection(request), request.getWithSources());
        if (request.getLooking()) {
            awaitPlanned(order, request.getStep(), deadlineNanos);
            return gather(order, request.getStep(), wanted, share, deadlineNanos);
        }
        try (Activity.Call call =
                activity.asks(request.getRun(), request.getStep(), request.getRank(), request.getWorld())) {
            awaitPlanned(order, request.getStep(), deadlineNanos);
            return served(call, gather(order, request.getStep(), wanted, share, deadlineNanos));
        }
    }

    /// To be called when the answer was given.
    void readAhead(GetBatchRequest request) {
        batches.readAhead(runs.get(request.getRun()), request.getStep(), List.of(0));
    }

    /// Lengths of steps one after the other, and the batches of those that are named.
    GetBatchesResponse get(GetBatchesRequest request, CallBudget.Share share, long deadlineNanos)
            throws InterruptedException {
        RunOrder order = runs.get(request.getRun());
        long first = request.getStep();
        List<Integer> whole = request.getWholeList();
        requireSteps(request.getSteps(), request.getAhead(), whole);
        if (request.hasResume()) {
            requireResume(order, request.getResume(), first);
        }
        try (Activity.Call call = activity.asks(request.getRun(), first, 0, 0)) {
            awaitPlanned(order, first, deadlineNanos);
            long last = first + request.getSteps() - 1;
            // One after the other: a call may reach only a little past what is planned.
            for (long step = first + 1; step <= last; step++) {
                awaitPlanned(order, step, deadlineNanos);
            }
            long bytes = 0;
            for (int offset : whole) {
                bytes += batches.awaitRows(order, first + offset, deadlineNanos);
            }
            if (bytes > batches.maxSliceBytes()) {
                throw new InvalidException("batches of one answer must have at most " + batches.maxSliceBytes()
                        + " bytes together, but the " + whole.size() + " that were asked for have " + bytes
                        + ": ask for fewer steps at a time (packed steps: a smaller G, or more ranks)");
            }
            // All of them before the first: calls that hold a part would wait for one another.
            share.takeBytes((int) bytes, deadlineNanos);
            GetBatchesResponse.Builder answer =
                    GetBatchesResponse.newBuilder().setRunId(order.run().id());
            Batches.Wanted wanted = new Batches.Wanted(rows -> new Slice(0, rows), request.getWithSources());
            for (int offset : whole) {
                answer.addBatches(served(call, gather(order, first + offset, wanted, share, deadlineNanos)));
            }
            order.cycleOf(last)
                    .ifPresent(cycle -> answer.setManifestDigest(
                            ByteString.copyFrom(cycle.digest().toArray())));
            long end = Math.min(last + 1 + request.getAhead(), order.horizon());
            for (long step = first; step < end; step++) {
                answer.addLengths(batches.lengthOf(order, step));
            }
            return answer.build();
        }
    }

    /// To be called when the answer was given.
    void readAhead(GetBatchesRequest request) {
        batches.readAhead(runs.get(request.getRun()), request.getStep(), request.getWholeList());
    }

    /// The steps of a stream.
    ///
    /// @param deadline of the step that comes next
    StreamLoop.Steps stream(StreamBatchesRequest request, CallBudget.Share share, LongSupplier deadline) {
        RunOrder order = runs.get(request.getRun());
        if (request.hasResume()) {
            requireResume(order, request.getResume(), request.getStep());
        }
        Batches.Wanted wanted =
                new Batches.Wanted(ofRank(request.getRank(), request.getWorld()), request.getWithSources());
        return new StreamLoop.Steps() {
            @Override
            public boolean isOver(long step) {
                return order.isEnded() && step >= order.horizon();
            }

            @Override
            public Batch gather(long step) throws InterruptedException {
                // What was sent before has left.
                share.returnBytes();
                long deadlineNanos = deadline.getAsLong();
                try (Activity.Call call =
                        activity.asks(request.getRun(), step, request.getRank(), request.getWorld())) {
                    awaitPlanned(order, step, deadlineNanos);
                    return served(call, BatchCalls.this.gather(order, step, wanted, share, deadlineNanos));
                }
            }

            @Override
            public void sent(long step) {
                batches.readAhead(order, step, List.of(0));
            }
        };
    }

    /// See [dev.dyadic.sampler.segments.SegmentStore#restore].
    void restore(InternalError fault) {
        batches.restore(fault);
    }

    void lossReported(RunOrder order, long step, double loss) {
        int length = batches.lengthOf(order, step);
        activity.lossReported(order.run().name(), step, length, loss);
        meters.lossReported(order.run().name(), length, loss);
    }

    /// Gathers rows of a planned step.
    private Batch gather(RunOrder order, long step, Batches.Wanted wanted, CallBudget.Share share, long deadlineNanos)
            throws InterruptedException {
        long began = System.nanoTime();
        Batch batch = batches.get(order, step, wanted, share, deadlineNanos);
        meters.served(order.run().name(), batch.getLength(), batch.getRows(), System.nanoTime() - began);
        return batch;
    }

    /// Who asked trains on it.
    private static Batch served(Activity.Call call, Batch batch) {
        call.served(batch.getStep(), batch.getLength(), batch.getFirstRow(), batch.getFirstRow() + batch.getRows());
        return batch;
    }

    private void awaitPlanned(RunOrder order, long step, long deadlineNanos) throws InterruptedException {
        if (step < 0) {
            throw new InvalidException("step must be at least 0, but was " + Long.toUnsignedString(step));
        }
        if (Caller.current().may(Role.TRAIN)) {
            planning.awaitStep(order, step, deadlineNanos);
            if (planning.isNearEnd(order, step)) {
                Thread.ofVirtual().name("dyadic-plan-ahead").start(() -> planning.planAhead(order, step));
            }
        } else {
            planning.awaitStepOfOthers(order, step, deadlineNanos);
        }
    }

    private void requireResume(RunOrder order, Position resume, long step) {
        runs.requireMatching(order, resume);
        if (resume.getStep() + 1 != step) {
            throw new InvalidException("resuming a checkpoint after step " + resume.getStep() + " continues with "
                    + (resume.getStep() + 1) + ", but step " + step + " was asked for");
        }
    }

    private static void requireSteps(int steps, int ahead, List<Integer> whole) {
        if (steps < 1 || steps > MAX_STEPS) {
            throw new InvalidException(
                    "steps must be within [1, " + MAX_STEPS + "], but was " + Integer.toUnsignedString(steps));
        }
        if (ahead < 0 || ahead > MAX_AHEAD) {
            throw new InvalidException(
                    "ahead must be within [0, " + MAX_AHEAD + "], but was " + Integer.toUnsignedString(ahead));
        }
        int last = -1;
        for (int offset : whole) {
            if (offset <= last || offset >= steps) {
                throw new InvalidException("whole must name steps of the " + steps + ", from 0, ascending, but was "
                        + whole.stream().map(Integer::toUnsignedString).toList());
            }
            last = offset;
        }
    }

    private static Batches.Selection selection(GetBatchRequest request) {
        if (request.getWorld() != 0) {
            if (request.getFirstRow() != 0 || request.getRows() != 0) {
                throw new InvalidException("a request names rows, or rank and world, but this one names both");
            }
            return ofRank(request.getRank(), request.getWorld());
        }
        int first = request.getFirstRow();
        int rows = request.getRows();
        if (first < 0 || rows < 0) {
            throw new InvalidException("first_row and rows must be below 2^31");
        }
        return rowsInStep -> {
            long end = rows == 0 ? Math.max(first, rowsInStep) : (long) first + rows;
            if (end > rowsInStep) {
                throw new InvalidException("rows must lie within [0, " + rowsInStep + ") of this step, but were ["
                        + first + ", " + end + ")");
            }
            return new Slice(first, (int) end);
        };
    }

    private static Batches.Selection ofRank(int rank, int world) {
        int ranks = Math.max(world, 1);
        if (rank < 0 || world < 0 || rank >= ranks) {
            throw new InvalidException("rank must satisfy 0 <= rank < world, but was rank="
                    + Integer.toUnsignedString(rank) + ", world=" + Integer.toUnsignedString(world));
        }
        return rowsInStep -> Slice.ofRank(rank, ranks, rowsInStep);
    }
}
