package dev.dyadic.proto.rpc;

import io.grpc.Context;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;

/// A call that can be ended from outside, by another thread than the one that answers it. What the service sends or
/// gets afterwards is dropped, and the service sees the call as cancelled. Whoever closes it first does: a service need
/// not know that an interceptor has.
final class GuardedCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
    static final Context.Key<GuardedCall<?, ?>> KEY = Context.key("dyadic-call");

    private final StreamReset reset = StreamReset.current();
    private volatile boolean ended;
    private boolean closed;

    GuardedCall(ServerCall<Q, A> call) {
        super(call);
    }

    /// Ends it with the status, unless it has ended.
    void end(Status status) {
        synchronized (this) {
            if (closed) {
                return;
            }
            ended = true;
            closed = true;
            delegate().close(status, new Metadata());
        }
    }

    /// Drops what its client has not read.
    void reset() {
        reset.reset();
    }

    @Override
    public synchronized void sendHeaders(Metadata headers) {
        if (!closed) {
            super.sendHeaders(headers);
        }
    }

    @Override
    public synchronized void sendMessage(A message) {
        if (!closed) {
            super.sendMessage(message);
        }
    }

    @Override
    public synchronized void close(Status status, Metadata trailers) {
        if (!closed) {
            closed = true;
            super.close(status, trailers);
        }
    }

    @Override
    public boolean isReady() {
        return !ended && super.isReady();
    }

    @Override
    public boolean isCancelled() {
        return ended || super.isCancelled();
    }

    /// What the service's listener gets.
    ServerCall.Listener<Q> listener(ServerCall.Listener<Q> listener) {
        return new SimpleForwardingServerCallListener<>(listener) {
            @Override
            public void onMessage(Q message) {
                if (!ended) {
                    super.onMessage(message);
                }
            }

            @Override
            public void onHalfClose() {
                if (!ended) {
                    super.onHalfClose();
                }
            }

            @Override
            public void onComplete() {
                if (ended) {
                    super.onCancel();
                } else {
                    super.onComplete();
                }
            }
        };
    }
}
