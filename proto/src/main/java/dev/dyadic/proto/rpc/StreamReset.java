package dev.dyadic.proto.rpc;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/// Ends the stream of a call at once, and drops what waits to be sent on it.
///
/// A call that is closed ends behind all that its client has not read yet, so a client that does not read keeps the
/// bytes of its answers for as long as it likes. gRPC resets a stream by itself only where its deadline is over; every
/// call here is made within a context of ours, and cancelling that one with the status of a deadline does the same.
public final class StreamReset {
    /// A client that does not read the end of its call is waited for so long.
    public static final Duration GRACE = Duration.ofSeconds(5);

    private static final Context.Key<StreamReset> KEY = Context.key("dyadic-stream-reset");

    private final Context.CancellableContext context;

    private StreamReset(Context.CancellableContext context) {
        this.context = context;
    }

    /// Of the call that is being answered, which must have come through a [GrpcListener].
    public static StreamReset current() {
        StreamReset reset = KEY.get();
        if (reset == null) {
            throw new IllegalStateException("no call of a GrpcListener is being answered here");
        }
        return reset;
    }

    /// The client sees CANCELLED, and is free to call again.
    public void reset() {
        context.cancel(Status.DEADLINE_EXCEEDED
                .withDescription("the server does not wait for this client any longer")
                .asException());
    }

    /// Resets it after a while; a stream that has ended by then stays as it ended.
    public void resetIn(Duration after) {
        CompletableFuture.delayedExecutor(after.toMillis(), TimeUnit.MILLISECONDS)
                .execute(this::reset);
    }

    static ServerStreamTracer.Factory tracers() {
        return new ServerStreamTracer.Factory() {
            @Override
            public ServerStreamTracer newServerStreamTracer(String method, Metadata headers) {
                return new ServerStreamTracer() {
                    @Override
                    public Context filterContext(Context parent) {
                        Context.CancellableContext own = parent.withCancellation();
                        return own.withValue(KEY, new StreamReset(own));
                    }
                };
            }
        };
    }
}
