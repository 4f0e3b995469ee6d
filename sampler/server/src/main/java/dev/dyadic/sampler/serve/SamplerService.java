package dev.dyadic.sampler.serve;

import com.google.protobuf.MessageLite;
import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.sampler.messages.RunMessages;
import dev.dyadic.sampler.order.Extent;
import dev.dyadic.sampler.order.Outcome;
import dev.dyadic.sampler.order.RunOrder;
import dev.dyadic.sampler.replicate.Replicator;
import dev.dyadic.sampler.runs.Planning;
import dev.dyadic.sampler.runs.Runs;
import dev.dyadic.sampler.trace.Provenance;
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
public final class SamplerService extends SamplerGrpc.SamplerImplBase {
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
    private final long maxParkMillis;

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
            long maxParkMillis) {
        this.corpus = corpus;
        this.replicator = replicator;
        this.runs = runs;
        this.messages = messages;
        this.planning = planning;
        this.batches = batches;
        this.tracing = tracing;
        this.budget = budget;
        this.meters = meters;
        this.maxParkMillis = maxParkMillis;
    }

    /// What a call does; it may wait.
    @FunctionalInterface
    private interface Call<T> {
        T answer(long deadlineNanos) throws InterruptedException;
    }

    /// The same, for calls that take the bytes of their answer before they make it.
    @FunctionalInterface
    private interface BudgetedCall<T> {
        T answer(CallBudget.Share share, long deadlineNanos) throws InterruptedException;
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
        answer(observer, (share, deadline) -> batches.get(request, share, deadline), () -> batches.readAhead(request));
    }

    @Override
    public void getBatches(GetBatchesRequest request, StreamObserver<GetBatchesResponse> observer) {
        answer(observer, (share, deadline) -> batches.get(request, share, deadline), () -> batches.readAhead(request));
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
            batches.lossReported(order, request.getStep(), request.getLoss());
            return ReportLossResponse.getDefaultInstance();
        });
    }

    private void stream(StreamBatchesRequest request, BatchStream stream, CallBudget.Share share) {
        try {
            StreamLoop loop = new StreamLoop(
                    batches.stream(request, share, this::deadline), stream, SamplerService.this::requireReplication);
            loop.run(request.getStep(), request.getSteps());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stream.fail(Statuses.of(e));
        } catch (RuntimeException e) {
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
        BudgetedCall<T> budgeted = (share, deadline) -> {
            T content = call.answer(deadline);
            share.takeBytes(content.getSerializedSize(), deadline);
            return content;
        };
        answer(observer, budgeted, () -> {});
    }

    /// @param afterwards done when the answer was given
    private <T> void answer(StreamObserver<T> observer, BudgetedCall<T> call, Runnable afterwards) {
        CallBudget.Share share = enter(observer);
        if (share == null) {
            return;
        }
        OneAnswer<T> answer = new OneAnswer<>(observer);
        try {
            requireReplication();
            answer.give(call.answer(share, deadline()));
            afterwards.run();
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
