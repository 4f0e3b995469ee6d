package dev.dyadic.sampler.client;

import com.google.common.util.concurrent.ListenableFuture;
import dev.dyadic.proto.rpc.ClientSettings;
import dev.dyadic.sampler.wire.BatchMethods;
import dev.dyadic.sampler.wire.RetryAfter;
import dev.dyadic.v1.SamplerGrpc;
import dev.dyadic.v1.SamplerProto.AmendRunRequest;
import dev.dyadic.v1.SamplerProto.AmendRunResponse;
import dev.dyadic.v1.SamplerProto.Batch;
import dev.dyadic.v1.SamplerProto.CloseRunRequest;
import dev.dyadic.v1.SamplerProto.CommitRequest;
import dev.dyadic.v1.SamplerProto.CorpusDescription;
import dev.dyadic.v1.SamplerProto.DescribeCorpusRequest;
import dev.dyadic.v1.SamplerProto.DescribeRunRequest;
import dev.dyadic.v1.SamplerProto.ExplainRequest;
import dev.dyadic.v1.SamplerProto.ExplainResponse;
import dev.dyadic.v1.SamplerProto.ForkRunRequest;
import dev.dyadic.v1.SamplerProto.GetBatchRequest;
import dev.dyadic.v1.SamplerProto.ListRunsRequest;
import dev.dyadic.v1.SamplerProto.OpenRunRequest;
import dev.dyadic.v1.SamplerProto.Position;
import dev.dyadic.v1.SamplerProto.ReportLossRequest;
import dev.dyadic.v1.SamplerProto.ReportLossResponse;
import dev.dyadic.v1.SamplerProto.RunDescription;
import dev.dyadic.v1.SamplerProto.RunSpec;
import dev.dyadic.v1.SamplerProto.StreamBatchesRequest;
import dev.dyadic.v1.SamplerProto.TraceRequest;
import dev.dyadic.v1.SamplerProto.TraceResponse;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.nio.channels.ClosedChannelException;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// Calls a sampler. Every call is by position or idempotent, so it is retried while the sampler is not ready, for a
/// bounded time. Safe for use by many threads.
public final class SamplerClient implements AutoCloseable {
    private static final int FLOW_CONTROL_WINDOW_BYTES = 16 << 20;
    private static final int MAX_MESSAGE_BYTES = 65 << 20;
    /// One attempt lasts as long as the caller waits, within these.
    private static final long MIN_ATTEMPT_MILLIS = 2_000;

    private static final long MAX_ATTEMPT_MILLIS = 20_000;
    /// The pause before another try, where the sampler names none.
    private static final long RETRY_MILLIS = 200;

    private static final long CLOSE_TIMEOUT_MILLIS = 3_000;

    private final String address;
    private final long maxWaitMillis;
    private final ManagedChannel channel;
    private final AutoCloseable resources;
    private final CallOptions options;
    private final SamplerGrpc.SamplerBlockingStub stub;

    /// Connects in plain text and without a token.
    ///
    /// @param address host:port
    /// @param maxWaitMillis how long a call is retried before its failure is thrown
    public SamplerClient(String address, long maxWaitMillis) {
        this(address, maxWaitMillis, ClientSettings.PLAIN);
    }

    public SamplerClient(String address, long maxWaitMillis, ClientSettings settings) {
        this(new ClientSettings.Endpoint(address, Optional.empty()), maxWaitMillis, settings);
    }

    public SamplerClient(ClientSettings.Endpoint endpoint, long maxWaitMillis, ClientSettings settings) {
        this.address = endpoint.target();
        this.maxWaitMillis = maxWaitMillis;
        ClientSettings.Connection connection = settings.connect(
                endpoint,
                builder ->
                        builder.flowControlWindow(FLOW_CONTROL_WINDOW_BYTES).maxInboundMessageSize(MAX_MESSAGE_BYTES));
        this.resources = connection.resources();
        this.channel = connection.channel();
        this.options = connection
                .credentials()
                .map(CallOptions.DEFAULT::withCallCredentials)
                .orElse(CallOptions.DEFAULT);
        this.stub = connection
                .credentials()
                .map(SamplerGrpc.newBlockingStub(channel)::withCallCredentials)
                .orElse(SamplerGrpc.newBlockingStub(channel));
    }

    public RunDescription openRun(String name, RunSpec spec) {
        OpenRunRequest request =
                OpenRunRequest.newBuilder().setName(name).setSpec(spec).build();
        return call(() -> timed().openRun(request));
    }

    public RunDescription describeRun(String name) {
        return call(() -> timed().describeRun(
                        DescribeRunRequest.newBuilder().setName(name).build()));
    }

    public List<RunDescription> listRuns() {
        return call(() -> timed().listRuns(ListRunsRequest.getDefaultInstance()))
                .getRunsList();
    }

    public CorpusDescription describeCorpus() {
        return call(() -> timed().describeCorpus(DescribeCorpusRequest.getDefaultInstance()));
    }

    public Batch getBatch(GetBatchRequest request) {
        return call(() ->
                ClientCalls.blockingUnaryCall(channel, BatchMethods.GET_BATCH, timed().getCallOptions(), request));
    }

    /// Batches as they are pushed. The call is not retried: a client that loses the stream asks again from the step
    /// that it has come to.
    public Iterator<Batch> streamBatches(StreamBatchesRequest request) {
        Iterator<Batch> batches =
                ClientCalls.blockingServerStreamingCall(channel, BatchMethods.STREAM_BATCHES, options, request);
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                try {
                    return batches.hasNext();
                } catch (StatusRuntimeException e) {
                    throw failed(e);
                }
            }

            @Override
            public Batch next() {
                return batches.next();
            }
        };
    }

    /// @param request with the run's name, and what is to change
    public AmendRunResponse amendRun(AmendRunRequest request) {
        return call(() -> timed().amendRun(request));
    }

    public RunDescription forkRun(ForkRunRequest request) {
        return call(() -> timed().forkRun(request));
    }

    public RunDescription closeRun(String name) {
        return call(
                () -> timed().closeRun(CloseRunRequest.newBuilder().setRun(name).build()));
    }

    /// @param rows 0: to the end of the step
    public ExplainResponse explain(String run, long step, int firstRow, int rows) {
        ExplainRequest request = ExplainRequest.newBuilder()
                .setRun(run)
                .setStep(step)
                .setFirstRow(firstRow)
                .setRows(rows)
                .build();
        return call(() -> timed().explain(request));
    }

    public TraceResponse trace(TraceRequest request) {
        return call(() -> timed().trace(request));
    }

    public void commit(String run, Position position) {
        CommitRequest request =
                CommitRequest.newBuilder().setRun(run).setPosition(position).build();
        call(() -> timed().commit(request));
    }

    /// Shows a loss on the sampler's page and metrics. Tried once: nothing depends on it.
    public void reportLoss(String run, long step, double loss) {
        ReportLossRequest request = ReportLossRequest.newBuilder()
                .setRun(run)
                .setStep(step)
                .setLoss(loss)
                .build();
        ListenableFuture<ReportLossResponse> _ = ClientCalls.futureUnaryCall(
                channel.newCall(SamplerGrpc.getReportLossMethod(), timed().getCallOptions()), request);
    }

    @Override
    public void close() {
        channel.shutdownNow();
        try {
            channel.awaitTermination(CLOSE_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
            resources.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            throw new IllegalStateException("closing what a connection uses failed", e);
        }
    }

    private SamplerGrpc.SamplerBlockingStub timed() {
        long attemptMillis = Math.clamp(maxWaitMillis, MIN_ATTEMPT_MILLIS, MAX_ATTEMPT_MILLIS);
        return stub.withDeadlineAfter(attemptMillis, TimeUnit.MILLISECONDS);
    }

    private <T> T call(Supplier<T> attempt) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(maxWaitMillis);
        while (true) {
            try {
                return attempt.get();
            } catch (StatusRuntimeException e) {
                if (!isRetriable(statusOf(e).getCode()) || System.nanoTime() - deadline > 0) {
                    throw failed(e);
                }
                pause(e, deadline);
            }
        }
    }

    static boolean isRetriable(Status.Code code) {
        return code == Status.Code.UNAVAILABLE
                || code == Status.Code.RESOURCE_EXHAUSTED
                || code == Status.Code.DEADLINE_EXCEEDED;
    }

    /// A connection that breaks in the middle of an answer is reported as UNKNOWN by gRPC, but it is an outage; so is a
    /// stream that the sampler has reset, which is reported as CANCELLED.
    private static Status statusOf(StatusRuntimeException e) {
        Status status = e.getStatus();
        if (status.getCode() == Status.Code.CANCELLED
                && String.valueOf(status.getDescription()).startsWith("RST_STREAM")) {
            return Status.UNAVAILABLE.withDescription("the sampler has ended this stream, which was not read for long");
        }
        return status.getCode() == Status.Code.UNKNOWN && status.getCause() instanceof ClosedChannelException
                ? Status.UNAVAILABLE
                        .withDescription("the connection to the sampler broke")
                        .withCause(status.getCause())
                : status;
    }

    /// Waits as long as the sampler asks for, where it does, and not beyond the caller's own time.
    private void pause(StatusRuntimeException e, long deadlineNanos) {
        long asked = RetryAfter.millis(e.getTrailers()).orElse(RETRY_MILLIS);
        long left = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
        try {
            // A sampler that comes back is found at once, not when gRPC's growing pause is over.
            channel.resetConnectBackoff();
            TimeUnit.MILLISECONDS.sleep(Math.clamp(asked, 1, Math.max(1, left)));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw failed(e);
        }
    }

    private static Optional<SSLException> sslFailure(@Nullable Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException found) {
                return Optional.of(found);
            }
        }
        return Optional.empty();
    }

    private SamplerClientException failed(StatusRuntimeException e) {
        Status status = statusOf(e);
        String message = status.getDescription() == null ? status.getCode().toString() : status.getDescription();
        Optional<SSLException> untrusted = sslFailure(status.getCause());
        if (status.getCode() == Status.Code.UNAVAILABLE && untrusted.isPresent()) {
            message = "TLS with " + address + " failed: " + untrusted.get().getMessage()
                    + "; --tls-ca names whom to trust, and without it and --tls no TLS is used";
        } else if (status.getCode() == Status.Code.UNAVAILABLE && message.equals("io exception")) {
            message = "no sampler answers at " + address
                    + ": start one with 'dyadic sample' or 'dyadic dev', or name another --sampler";
        } else if (status.getCode() == Status.Code.UNAVAILABLE && message.startsWith("Network closed")) {
            message = "the connection to " + address
                    + " was closed before an answer: does the sampler ask for TLS (--tls-ca), or has it too many clients?";
        }
        return new SamplerClientException(status.getCode(), message, e);
    }
}
