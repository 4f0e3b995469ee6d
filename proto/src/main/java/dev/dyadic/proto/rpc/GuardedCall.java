package dev.dyadic.proto.rpc;

import io.grpc.Context;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A call that can be ended from outside, by another thread than the one that answers it. What the service sends or
/// gets afterwards is dropped, and the service sees the call as cancelled. A request that could not be read ends it
/// too, see
/// [RequestMarshaller].
final class GuardedCall<Q, A> extends SimpleForwardingServerCall<Q, A> {
    static final Context.Key<GuardedCall<?, ?>> KEY = Context.key("dyadic-call");

    private final StreamReset reset = StreamReset.current();
    private volatile Optional<Status> ended = Optional.empty();
    private boolean closed;

    GuardedCall(ServerCall<Q, A> call) {
        super(call);
    }

    /// Ends it with the status, unless it has ended. What its client has not read after a while is dropped.
    void end(Status status) {
        synchronized (this) {
            if (closed) {
                return;
            }
            ended = Optional.of(status);
            closed = true;
            delegate().close(status, new Metadata());
        }
        reset.resetIn(StreamReset.GRACE);
    }

    /// How it was ended from outside; empty where it was not.
    Optional<Status> endedWith() {
        return ended;
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
        return ended.isEmpty() && super.isReady();
    }

    @Override
    public boolean isCancelled() {
        return ended.isPresent() || super.isCancelled();
    }

    /// What the service's listener gets.
    ServerCall.Listener<Q> listener(ServerCall.Listener<Q> listener) {
        return new SimpleForwardingServerCallListener<>(listener) {
            @Override
            public void onMessage(@Nullable Q message) {
                if (message == null) {
                    end(RequestMarshaller.malformed(getMethodDescriptor()));
                } else if (ended.isEmpty()) {
                    super.onMessage(message);
                }
            }

            @Override
            public void onHalfClose() {
                if (ended.isEmpty()) {
                    super.onHalfClose();
                }
            }

            @Override
            public void onComplete() {
                if (ended.isPresent()) {
                    super.onCancel();
                } else {
                    super.onComplete();
                }
            }
        };
    }
}
