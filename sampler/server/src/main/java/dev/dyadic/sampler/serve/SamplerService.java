package dev.dyadic.sampler.serve;

import com.google.protobuf.MessageLite;
import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.rpc.Caller;
import dev.dyadic.proto.rpc.Role;
import dev.dyadic.sampler.gather.Batches;
import dev.dyadic.sampler.messages.RunMessages;
import dev.dyadic.sampler.order.Extent;
import dev.dyadic.sampler.order.Outcome;
import dev.dyadic.sampler.order.RunOrder;
import dev.dyadic.sampler.replicate.Replicator;
import dev.dyadic.sampler.runs.Planning;
import dev.dyadic.sampler.runs.Runs;
import dev.dyadic.sampler.trace.Provenance;
import dev.dyadic.sampler.watch.Activity;
import dev.dyadic.sampler.watch.SamplerMeters;
import dev.dyadic.sampler.wire.Slice;
import dev.dyadic.v1.SamplerGrpc;
import dev.dyadic.v1.SamplerProto.AmendRunRequest;
import dev.dyadic.v1.SamplerProto.AmendRunResponse;
import dev.dyadic.v1.SamplerProto.Batch;
import dev.dyadic.v1.SamplerProto.CloseRunRequest;
import dev.dyadic.v1.SamplerProto.CommitRequest;
import dev.dyadic.v1.SamplerProto.CommitResponse;
import dev.dyadic.v1.SamplerProto.CorpusDescription;
import dev.dyadic.v1.SamplerProto.DescribeCorpusRequest;
import dev.dyadic.v1.SamplerProto.DescribeRunRequest;
import dev.dyadic.v1.SamplerProto.ExplainRequest;
import dev.dyadic.v1.SamplerProto.ExplainResponse;
import dev.dyadic.v1.SamplerProto.ForkRunRequest;
import dev.dyadic.v1.SamplerProto.GetBatchRequest;
import dev.dyadic.v1.SamplerProto.ListRunsRequest;
import dev.dyadic.v1.SamplerProto.ListRunsResponse;
import dev.dyadic.v1.SamplerProto.OpenRunRequest;
import dev.dyadic.v1.SamplerProto.Position;
import dev.dyadic.v1.SamplerProto.ReportLossRequest;
import dev.dyadic.v1.SamplerProto.ReportLossResponse;
import dev.dyadic.v1.SamplerProto.RunDescription;
import dev.dyadic.v1.SamplerProto.StreamBatchesRequest;
import dev.dyadic.v1.SamplerProto.TraceRequest;
import dev.dyadic.v1.SamplerProto.TraceResponse;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The gRPC service. Calls run on virtual threads, so they may wait; how many run at once, and how long each waits, is
/// bounded.
public final class SamplerService extends SamplerGrpc.SamplerImplBase {
    /// Before a caller's deadline, a call that waits is answered with the reason.
    private static final int ANSWER_MILLIS = 200;

    private final CorpusDescriber corpus;
    private final Replicator replicator;
    private final Runs runs;
    private final RunMessages messages;
    private final Planning planning;
    private final Batches batches;
    private final Provenance tracing;
    private final CallBudget budget;
    private final Activity activity;
    private final SamplerMeters meters;
    private final long maxParkMillis;

    public SamplerService(
            CorpusDescriber corpus,
            Replicator replicator,
            Runs runs,
            RunMessages messages,
            Planning planning,
            Batches batches,
            Provenance tracing,
            CallBudget budget,
            Activity activity,
            SamplerMeters meters,
            long maxParkMillis) {
        this.corpus = corpus;
        this.replicator = replicator;
        this.runs = runs;
        this.messages = messages;
        this.planning = planning;
        this.batches = batches;
        this.tracing = tracing;
        this.budget = budget;
        this.activity = activity;
        this.meters = meters;
        this.maxParkMillis = maxParkMillis;
    }

    /// What a call does; it may wait.
    @FunctionalInterface
    private interface Call<T> {
        T answer(long deadlineNanos) throws InterruptedException;
    }

    @Override
    public void openRun(OpenRunRequest request, StreamObserver<RunDescription> observer) {
        answer(observer, deadline -> {
            RunOrder order = runs.open(request.getName(), request.getSpec(), deadline);
            if (order.run().spec().extent() instanceof Extent.Bounded && order.cycleCount() == 0) {
                planFirst(order, deadline);
            }
            return messages.describe(order);
        });
    }

    @Override
    public void forkRun(ForkRunRequest request, StreamObserver<RunDescription> observer) {
        answer(observer, _ -> messages.describe(runs.fork(request)));
    }

    @Override
    public void amendRun(AmendRunRequest request, StreamObserver<AmendRunResponse> observer) {
        answer(observer, _ -> {
            Outcome.AmendmentTaken taken = runs.amend(request);
            return AmendRunResponse.newBuilder()
                    .setCycle(taken.cycle())
                    .setFirstStep(taken.firstStep())
                    .setRun(messages.describe(runs.get(request.getRun())))
                    .build();
        });
    }

    @Override
    public void closeRun(CloseRunRequest request, StreamObserver<RunDescription> observer) {
        answer(observer, _ -> messages.describe(runs.close(request.getRun())));
    }

    @Override
    public void explain(ExplainRequest request, StreamObserver<ExplainResponse> observer) {
        answer(
                observer,
                _ -> tracing.explain(
                        runs.get(request.getRun()), request.getStep(), request.getFirstRow(), request.getRows()));
    }

    @Override
    public void trace(TraceRequest request, StreamObserver<TraceResponse> observer) {
        answer(observer, _ -> tracing.trace(request));
    }

    @Override
    public void describeRun(DescribeRunRequest request, StreamObserver<RunDescription> observer) {
        answer(observer, _ -> messages.describeFully(runs.get(request.getName())));
    }

    @Override
    public void listRuns(ListRunsRequest request, StreamObserver<ListRunsResponse> observer) {
        answer(
                observer,
                _ -> ListRunsResponse.newBuilder()
                        .addAllRuns(runs.list().stream().map(messages::describe).toList())
                        .build());
    }

    @Override
    public void getBatch(GetBatchRequest request, StreamObserver<Batch> observer) {
        CallBudget.Share share = enter(observer);
        if (share == null) {
            return;
        }
        OneAnswer<Batch> answer = new OneAnswer<>(observer);
        try {
            requireReplication();
            long deadline = deadline();
            RunOrder order = runs.get(request.getRun());
            if (request.hasResume()) {
                requireResume(order, request.getResume(), request.getStep());
            }
            Batch batch = batch(
                    order,
                    request.getStep(),
                    new Batches.Wanted(selection(request), request.getWithSources()),
                    share,
                    deadline);
            answer.give(batch);
            batches.readAhead(order, request.getStep());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            answer.fail(e);
        } catch (RuntimeException e) {
            answer.fail(e);
        }
    }

    @Override
    public void streamBatches(StreamBatchesRequest request, StreamObserver<Batch> observer) {
        CallBudget.Share share = enter(observer);
        if (share == null) {
            return;
        }
        BatchStream stream = new BatchStream((ServerCallStreamObserver<Batch>) observer, share);
        // The request's own thread delivers readiness, so the batches come from another.
        Thread.ofVirtual().name("dyadic-stream").start(Context.current().wrap(() -> {
            stream(request, stream, share);
        }));
    }

    @Override
    public void commit(CommitRequest request, StreamObserver<CommitResponse> observer) {
        answer(observer, _ -> {
            runs.commit(runs.get(request.getRun()), request.getPosition());
            return CommitResponse.getDefaultInstance();
        });
    }

    @Override
    public void describeCorpus(DescribeCorpusRequest request, StreamObserver<CorpusDescription> observer) {
        answer(observer, _ -> corpus.describe());
    }

    @Override
    public void reportLoss(ReportLossRequest request, StreamObserver<ReportLossResponse> observer) {
        answer(observer, _ -> {
            RunOrder order = runs.get(request.getRun());
            if (!Double.isFinite(request.getLoss())) {
                throw new InvalidException("loss must be a finite number, but was " + request.getLoss());
            }
            int length = batches.lengthOf(order, request.getStep());
            activity.lossReported(order.run().name(), request.getStep(), length, request.getLoss());
            meters.lossReported(order.run().name(), length, request.getLoss());
            return ReportLossResponse.getDefaultInstance();
        });
    }

    private void stream(StreamBatchesRequest request, BatchStream stream, CallBudget.Share share) {
        try {
            RunOrder order = runs.get(request.getRun());
            if (request.hasResume()) {
                requireResume(order, request.getResume(), request.getStep());
            }
            Batches.Wanted wanted =
                    new Batches.Wanted(ofRank(request.getRank(), request.getWorld()), request.getWithSources());
            new StreamLoop(
                            new StreamLoop.Steps() {
                                @Override
                                public boolean isOver(long step) {
                                    return order.isEnded() && step >= order.horizon();
                                }

                                @Override
                                public Batch gather(long step) throws InterruptedException {
                                    // What was sent before has left.
                                    share.returnBytes();
                                    return batch(order, step, wanted, share, deadline());
                                }

                                @Override
                                public void sent(long step) {
                                    batches.readAhead(order, step);
                                }
                            },
                            stream,
                            SamplerService.this::requireReplication)
                    .run(request.getStep(), request.getSteps());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stream.fail(Statuses.of(e));
        } catch (RuntimeException e) {
            stream.fail(Statuses.of(e));
        }
    }

    private Batch batch(RunOrder order, long step, Batches.Wanted wanted, CallBudget.Share share, long deadlineNanos)
            throws InterruptedException {
        if (step < 0) {
            throw new InvalidException("step must be at least 0, but was " + Long.toUnsignedString(step));
        }
        long began = System.nanoTime();
        boolean mayPlan = Caller.current().may(Role.TRAIN);
        if (mayPlan) {
            planning.awaitStep(order, step, deadlineNanos);
            if (planning.isNearEnd(order, step)) {
                Thread.ofVirtual().name("dyadic-plan-ahead").start(() -> planning.planAhead(order, step));
            }
        } else {
            planning.awaitStepOfOthers(order, step, deadlineNanos);
        }
        Batch batch = batches.get(order, step, wanted, share, deadlineNanos);
        String run = order.run().name();
        int end = batch.getFirstRow() + batch.getRows();
        activity.served(run, step, batch.getLength(), batch.getFirstRow(), end);
        meters.served(run, batch.getLength(), batch.getRows(), System.nanoTime() - began);
        return batch;
    }

    private void planFirst(RunOrder order, long deadline) throws InterruptedException {
        try {
            planning.awaitStep(order, 0, deadline);
        } catch (DyadicException e) {
            if (e.kind() != DyadicException.Kind.OUT_OF_RANGE) {
                throw e;
            }
            // A run without a whole step: its description says so.
        }
    }

    private void requireResume(RunOrder order, Position resume, long step) {
        runs.requireMatching(order, resume);
        if (resume.getStep() + 1 != step) {
            throw new InvalidException("resuming a checkpoint after step " + resume.getStep() + " continues with "
                    + (resume.getStep() + 1) + ", but step " + step + " was asked for");
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

    /// @return null where too many calls are being answered: the caller is told
    private CallBudget.@Nullable Share enter(StreamObserver<?> observer) {
        CallBudget.Share share = budget.enter();
        if (share == null) {
            meters.refused();
            observer.onError(Statuses.of(budget.tooManyCalls()));
            return null;
        }
        ServerCallStreamObserver<?> call = (ServerCallStreamObserver<?>) observer;
        // One of them is called when the last byte has left, or never will: answers that nobody reads count too.
        call.setOnCloseHandler(share::close);
        call.setOnCancelHandler(share::close);
        return share;
    }

    private <T extends MessageLite> void answer(StreamObserver<T> observer, Call<T> call) {
        CallBudget.Share share = enter(observer);
        if (share == null) {
            return;
        }
        OneAnswer<T> answer = new OneAnswer<>(observer);
        try {
            requireReplication();
            long deadline = deadline();
            T content = call.answer(deadline);
            share.takeBytes(content.getSerializedSize(), deadline);
            answer.give(content);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            answer.fail(e);
        } catch (RuntimeException e) {
            answer.fail(e);
        }
    }

    private void requireReplication() {
        replicator.failure().ifPresent(reason -> {
            throw new DyadicException(DyadicException.Kind.NOT_READY, reason);
        });
    }

    /// The caller's deadline, less a moment to answer in, or the longest that a call may be parked.
    private long deadline() {
        long parkNanos = TimeUnit.MILLISECONDS.toNanos(maxParkMillis);
        Deadline caller = Context.current().getDeadline();
        long left = caller == null
                ? parkNanos
                : caller.timeRemaining(TimeUnit.NANOSECONDS) - TimeUnit.MILLISECONDS.toNanos(ANSWER_MILLIS);
        return System.nanoTime() + Math.min(parkNanos, left);
    }
}
