package dev.dyadic.proto.rpc;

import dev.dyadic.proto.rpc.Verdict.Reason;
import io.grpc.Status;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The calls that were let in, looked at again every [#LOOK_SECONDS] by a thread of its own: a caller that was taken
/// out of the file, or has lost the role, and a token or a certificate that has expired, end them.
final class OpenCalls implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OpenCalls.class);
    /// Together with [FileWatch#LOOK_NANOS], a change counts for open calls within five seconds.
    static final int LOOK_SECONDS = 2;

    private final Function<Shown, Verdict> verdicts;
    private final AuditLog audit;
    private final InstantSource clock;
    private final Set<OpenCall> open = ConcurrentHashMap.newKeySet();
    private final Thread thread;

    /// A call that was let in.
    record OpenCall(GuardedCall<?, ?> call, Shown shown, Verdict.Known known, Role role, String method, Peer from) {
        /// Each call is another one.
        @Override
        public boolean equals(@Nullable Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }

    /// @param verdicts what is found now of what a caller shows
    OpenCalls(Function<Shown, Verdict> verdicts, AuditLog audit, InstantSource clock) {
        this.verdicts = verdicts;
        this.audit = audit;
        this.clock = clock;
        this.thread = Thread.ofPlatform().name("dyadic-access").daemon().start(this::run);
    }

    void enter(OpenCall call) {
        open.add(call);
    }

    void leave(OpenCall call) {
        open.remove(call);
    }

    @Override
    public void close() {
        thread.interrupt();
    }

    private void run() {
        try {
            while (true) {
                TimeUnit.SECONDS.sleep(LOOK_SECONDS);
                look();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        // Many calls show the same.
        Map<Shown, Verdict> found = new HashMap<>();
        for (OpenCall call : open) {
            try {
                look(call, found);
            } catch (RuntimeException e) {
                LOG.error("an open call could not be looked at, method={}", call.method(), e);
            }
        }
    }

    private void look(OpenCall call, Map<Shown, Verdict> found) {
        Verdict verdict = found.computeIfAbsent(call.shown(), verdicts);
        // Without the key set nothing can be said of a token but when it ends.
        boolean isUnclear = verdict instanceof Verdict.Refused(Reason reason) && reason == Reason.KEYS_UNAVAILABLE;
        switch (isUnclear ? call.known() : verdict) {
            case Verdict.Refused(Reason reason) -> end(call, Status.UNAUTHENTICATED, reason.text());
            case Verdict.Known(Caller caller, Optional<Instant> ends) -> {
                if (ends.isPresent() && !clock.instant().isBefore(ends.get())) {
                    end(call, Status.UNAUTHENTICATED, Reason.EXPIRED.text());
                } else if (!caller.may(call.role())) {
                    end(call, Status.PERMISSION_DENIED, AuditLog.ROLE);
                }
            }
        }
    }

    private void end(OpenCall call, Status status, String reason) {
        leave(call);
        audit.denied(call.known().caller().name(), call.from(), call.method(), status.getCode(), reason);
        call.call()
                .end(status.withDescription(
                        "what let this caller in is no longer valid, so the server ends its calls"));
    }
}
