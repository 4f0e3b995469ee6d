package dev.dyadic.proto.rpc;

import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// Tells the audit log of the calls that change something, when they end: of a call with one request, the request; of
/// a stream, how many requests came and how many were answered.
final class AuditInterceptor implements ServerInterceptor {
    private static final TextFormat.Printer TEXT = TextFormat.printer().emittingSingleLine(true);

    private final AuditLog log;

    AuditInterceptor(AuditLog log) {
        this.log = log;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        if (!MethodRoles.changes(call.getMethodDescriptor().getFullMethodName())) {
            return next.startCall(call, headers);
        }
        Audited<Q, A> audited = new Audited<>(call, log);
        return audited.listener(next.startCall(audited, headers));
    }

    private static final class Audited<Q, A> extends SimpleForwardingServerCall<Q, A> {
        private final AuditLog log;
        private final Caller caller = Caller.current();
        private final Peer from = Peer.current();
        private final GuardedCall<?, ?> guarded = GuardedCall.KEY.get();
        private final AtomicBoolean told = new AtomicBoolean();
        private final AtomicLong requests = new AtomicLong();
        private final AtomicLong answers = new AtomicLong();
        private volatile String request = "";

        Audited(ServerCall<Q, A> call, AuditLog log) {
            super(call);
            this.log = log;
        }

        @Override
        public void sendMessage(A message) {
            answers.incrementAndGet();
            super.sendMessage(message);
        }

        @Override
        public void close(Status status, Metadata trailers) {
            tell(status);
            super.close(status, trailers);
        }

        ServerCall.Listener<Q> listener(ServerCall.Listener<Q> listener) {
            return new SimpleForwardingServerCallListener<>(listener) {
                @Override
                public void onMessage(Q message) {
                    requests.incrementAndGet();
                    if (isUnary() && message instanceof Message content) {
                        request = TEXT.printToString(content).strip();
                    }
                    super.onMessage(message);
                }

                @Override
                public void onCancel() {
                    tell(guarded.endedWith().orElse(Status.CANCELLED));
                    super.onCancel();
                }
            };
        }

        private boolean isUnary() {
            return getMethodDescriptor().getType() == MethodDescriptor.MethodType.UNARY;
        }

        private void tell(Status status) {
            if (told.compareAndSet(false, true)) {
                String what = isUnary() ? request : requests + " requests, " + answers + " answers";
                log.changed(caller, from, getMethodDescriptor().getFullMethodName(), what, status);
            }
        }
    }
}
