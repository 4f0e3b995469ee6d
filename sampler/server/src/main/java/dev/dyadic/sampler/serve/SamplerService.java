package dev.dyadic.sampler.serve;

import com.google.protobuf.MessageLite;
import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.rpc.Caller;
import dev.dyadic.proto.rpc.Peer;
import dev.dyadic.proto.rpc.StreamReset;
import dev.dyadic.sampler.messages.RunMessages;
import dev.dyadic.sampler.order.Extent;
import dev.dyadic.sampler.order.Outcome;
import dev.dyadic.sampler.order.RunOrder;
import dev.dyadic.sampler.replicate.Replicator;
import dev.dyadic.sampler.runs.Planning;
import dev.dyadic.sampler.runs.Runs;
import dev.dyadic.sampler.trace.Provenance;
import dev.dyadic.sampler.trace.ScanLane;
import dev.dyadic.sampler.watch.SamplerMeters;
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
import dev.dyadic.v1.SamplerProto.GetBatchesRequest;
import dev.dyadic.v1.SamplerProto.GetBatchesResponse;
import dev.dyadic.v1.SamplerProto.ListRunsRequest;
import dev.dyadic.v1.SamplerProto.ListRunsResponse;
import dev.dyadic.v1.SamplerProto.OpenRunRequest;
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
public final class SamplerService extends SamplerGrpc.SamplerImplBase implements AutoCloseable {
    /// Before a caller's deadline, a call that waits is answered with the reason.
    private static final int ANSWER_MILLIS = 200;

    private final CorpusDescriber corpus;
    private final Replicator replicator;
    private final Runs runs;
    private final RunMessages messages;
    private final Planning planning;
    private final BatchCalls batches;
    private final Provenance tracing;
    private final CallBudget budget;
    private final SamplerMeters meters;
    private final ScanLane scans;
    private final CallTimes times;
    private final UnreadAnswers unread;
    private final Thread looking;

    public SamplerService(
            CorpusDescriber corpus,
            Replicator replicator,
            Runs runs,
            RunMessages messages,
            Planning planning,
            BatchCalls batches,
            Provenance tracing,
            CallBudget budget,
            SamplerMeters meters,
            CallTimes times) {
        this.corpus = corpus;
        this.replicator = replicator;
        this.runs = runs;
        this.messages = messages;
        this.planning = planning;
        this.batches = batches;
        this.tracing = tracing;
        this.budget = budget;
        this.meters = meters;
        this.times = times;
        this.scans = new ScanLane(budget::isGathering);
        this.unread = new UnreadAnswers(times.maxUnreadMillis());
        this.looking = unread.start();
    }

    @Override
    public void close() {
        looking.interrupt();
    }

    /// What a call does; it may wait.
    @FunctionalInterface
    private interface Call<T> {
        T answer(long deadlineNanos) throws InterruptedException;
    }

    /// The answer of a call.
    @FunctionalInterface
    private interface Answering<T> {
        T answer() throws InterruptedException;
    }

    /// The same, for calls that take the bytes of their answer before they make it.
    @FunctionalInterface
    private interface BudgetedCall<T> {
        T answer(CallBudget.Share share, long deadlineNanos) throws InterruptedException;
    }

    @Override
    public void openRun(OpenRunRequest request, StreamObserver<RunDescription> observer) {
        answer(Lane.OPENINGS, observer, deadline -> {
            RunOrder order = runs.open(request.getName(), request.getSpec(), deadline);
            if (order.run().spec().extent() instanceof Extent.Bounded && order.cycleCount() == 0) {
                planFirst(order, deadline);
            }
            return messages.describe(order);
        });
    }

    @Override
    public void forkRun(ForkRunRequest request, StreamObserver<RunDescription> observer) {
        answer(Lane.CHANGES, observer, deadline -> messages.describe(runs.fork(request, deadline)));
    }

    @Override
    public void amendRun(AmendRunRequest request, StreamObserver<AmendRunResponse> observer) {
        answer(Lane.CHANGES, observer, deadline -> {
            Outcome.AmendmentTaken taken = runs.amend(request, deadline);
            return AmendRunResponse.newBuilder()
                    .setCycle(taken.cycle())
                    .setFirstStep(taken.firstStep())
                    .setRun(messages.describe(runs.get(request.getRun())))
                    .build();
        });
    }

    @Override
    public void closeRun(CloseRunRequest request, StreamObserver<RunDescription> observer) {
        answer(Lane.CHANGES, observer, deadline -> messages.describe(runs.close(request.getRun(), deadline)));
    }

    @Override
    public void explain(ExplainRequest request, StreamObserver<ExplainResponse> observer) {
        answer(
                Lane.SCANS,
                observer,
                _ -> tracing.explain(
                        runs.get(request.getRun()), request.getStep(), request.getFirstRow(), request.getRows()));
    }

    @Override
    public void trace(TraceRequest request, StreamObserver<TraceResponse> observer) {
        answer(Lane.SCANS, observer, deadline -> {
            try (ScanLane.Scan scan = scans.enter(Context.current()::isCancelled, deadline)) {
                return tracing.trace(request, scan);
            }
        });
    }

    @Override
    public void describeRun(DescribeRunRequest request, StreamObserver<RunDescription> observer) {
        answer(Lane.LOOKS, observer, _ -> messages.describeFully(runs.get(request.getName())));
    }

    @Override
    public void listRuns(ListRunsRequest request, StreamObserver<ListRunsResponse> observer) {
        answer(
                Lane.LOOKS,
                observer,
                _ -> ListRunsResponse.newBuilder()
                        .addAllRuns(runs.list().stream().map(messages::describe).toList())
                        .build());
    }

    @Override
    public void getBatch(GetBatchRequest request, StreamObserver<Batch> observer) {
        answer(observer, (share, deadline) -> batches.get(request, share, deadline), () -> batches.readAhead(request));
    }

    @Override
    public void getBatches(GetBatchesRequest request, StreamObserver<GetBatchesResponse> observer) {
        answer(observer, (share, deadline) -> batches.get(request, share, deadline), () -> batches.readAhead(request));
    }

    @Override
    public void streamBatches(StreamBatchesRequest request, StreamObserver<Batch> observer) {
        CallBudget.Share share = enter(Lane.BATCHES, true, observer);
        if (share == null) {
            return;
        }
        BatchStream stream =
                new BatchStream((ServerCallStreamObserver<Batch>) observer, share, times.maxUnreadMillis());
        // The request's own thread delivers readiness, so the batches come from another.
        Thread.ofVirtual().name("dyadic-stream").start(Context.current().wrap(() -> {
            stream(request, stream, share);
        }));
    }

    @Override
    public void commit(CommitRequest request, StreamObserver<CommitResponse> observer) {
        answer(Lane.CHANGES, observer, deadline -> {
            runs.commit(runs.get(request.getRun()), request.getPosition(), deadline);
            return CommitResponse.getDefaultInstance();
        });
    }

    @Override
    public void describeCorpus(DescribeCorpusRequest request, StreamObserver<CorpusDescription> observer) {
        answer(Lane.LOOKS, observer, _ -> corpus.describe());
    }

    @Override
    public void reportLoss(ReportLossRequest request, StreamObserver<ReportLossResponse> observer) {
        answer(Lane.CHANGES, observer, _ -> {
            RunOrder order = runs.get(request.getRun());
            if (!(Double.isFinite(request.getLoss()) && request.getLoss() >= 0)) {
                throw new InvalidException(
                        "loss must be a finite number that is not negative, as cross-entropy is, but was "
                                + request.getLoss());
            }
            batches.lossReported(order, request.getStep(), request.getLoss());
            return ReportLossResponse.getDefaultInstance();
        });
    }

    private void stream(StreamBatchesRequest request, BatchStream stream, CallBudget.Share share) {
        try {
            StreamLoop loop =
                    new StreamLoop(batches.stream(request, share, this::deadline), stream, replicator::requireAlive);
            loop.run(request.getStep(), request.getSteps());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stream.fail(Statuses.of(e));
        } catch (InternalError fault) {
            stream.fail(Statuses.of(afterFault(fault)));
        } catch (Throwable e) {
            stream.fail(Statuses.of(e));
        }
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

    /// @return null where too many calls are being answered: the caller is told
    private CallBudget.@Nullable Share enter(Lane lane, boolean isStream, StreamObserver<?> observer) {
        CallBudget.Share share;
        try {
            share = budget.enter(lane, isStream, Peer.current().toString(), Caller.account());
        } catch (DyadicException tooMany) {
            meters.refused();
            observer.onError(Statuses.of(tooMany));
            return null;
        }
        ServerCallStreamObserver<?> call = (ServerCallStreamObserver<?>) observer;
        // One of them is called when the last byte has left, or never will: answers that nobody reads count too.
        call.setOnCloseHandler(() -> leave(share));
        call.setOnCancelHandler(() -> leave(share));
        return share;
    }

    private void leave(CallBudget.Share share) {
        share.close();
        unread.left(share);
    }

    /// Answers a call that fetches no batches; it may wait for Kafka.
    private <T extends MessageLite> void answer(Lane lane, StreamObserver<T> observer, Call<T> call) {
        CallBudget.Share share = enter(lane, false, observer);
        if (share == null) {
            return;
        }
        give(
                share,
                observer,
                () -> {
                    long deadline = deadline();
                    T content = TimedWork.within(deadline, lane == Lane.SCANS, () -> call.answer(deadline));
                    share.takeBytes(content.getSerializedSize(), deadline);
                    return content;
                },
                () -> {});
    }

    /// Answers a call that fetches batches.
    ///
    /// @param afterwards done when the answer was given
    private <T> void answer(StreamObserver<T> observer, BudgetedCall<T> call, Runnable afterwards) {
        CallBudget.Share share = enter(Lane.BATCHES, false, observer);
        if (share == null) {
            return;
        }
        give(share, observer, () -> call.answer(share, deadline()), afterwards);
    }

    private <T> void give(
            CallBudget.Share share, StreamObserver<T> observer, Answering<T> answering, Runnable afterwards) {
        OneAnswer<T> answer = new OneAnswer<>(observer);
        try {
            replicator.requireAlive();
            answer.give(answering.answer());
            unread.given(share, StreamReset.current());
            afterwards.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            answer.fail(e);
        } catch (InternalError fault) {
            answer.fail(afterFault(fault));
        } catch (Throwable e) {
            answer.fail(e);
        }
    }

    /// A fault in a map may be reported late, after the rows were read: what the call read is not known.
    private DyadicException afterFault(InternalError fault) {
        batches.restore(fault);
        return new DyadicException(
                DyadicException.Kind.NOT_READY,
                "a file of rows was cut under this sampler, or its disk fails: try again; what is gone is then mended,"
                        + " or named",
                fault);
    }

    /// The caller's deadline, less a moment to answer in, or the longest that a call may be parked.
    private long deadline() {
        long parkNanos = TimeUnit.MILLISECONDS.toNanos(times.maxParkMillis());
        Deadline caller = Context.current().getDeadline();
        long left = caller == null
                ? parkNanos
                : caller.timeRemaining(TimeUnit.NANOSECONDS) - TimeUnit.MILLISECONDS.toNanos(ANSWER_MILLIS);
        return System.nanoTime() + Math.min(parkNanos, left);
    }
}
