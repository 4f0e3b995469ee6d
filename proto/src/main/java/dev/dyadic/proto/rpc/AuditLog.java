package dev.dyadic.proto.rpc;

import dev.dyadic.proto.Printable;
import io.grpc.Status;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who did, or tried, what: a line for every call that changes something, and for every call that is denied. The lines
/// go to the logger `dyadic.audit`, whatever else is logged.
///
/// It is bounded: lines beyond a rate are counted, and the next line says how many there were. Denials have a rate of
/// their own, and each address has a part of it, so that a flood hides neither changes nor what others are denied.
/// `dyadic.grpc.denied` counts all of them.
final class AuditLog {
    static final String LOGGER = "dyadic.audit";
    /// Why a caller that is known is denied.
    static final String ROLE = "role";

    static final String NO_RULE = "no-rule";
    static final int CHANGES_PER_SECOND = 100;
    static final int DENIALS_PER_SECOND = 20;
    static final int DENIALS_PER_ADDRESS_AND_SECOND = 5;
    private static final int MAX_ADDRESSES = 1024;
    private static final int MAX_WHAT_CHARS = 1000;
    private static final Logger LOG = LoggerFactory.getLogger(LOGGER);

    private final MeterRegistry meters;
    private final Rate changes = new Rate(CHANGES_PER_SECOND, System.nanoTime());
    private final Rate denials = new Rate(DENIALS_PER_SECOND, System.nanoTime());
    private final AtomicLong changesLeftOut = new AtomicLong();
    private final AtomicLong denialsLeftOut = new AtomicLong();
    private final Map<String, Rate> addresses = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Rate> eldest) {
            return size() > MAX_ADDRESSES;
        }
    };

    AuditLog(MeterRegistry meters) {
        this.meters = meters;
    }

    /// A call that changes something has ended.
    ///
    /// @param method full name, `package.Service/Method`
    /// @param what it asked for, and how much of it
    void changed(Caller caller, Peer from, String method, String what, Status outcome) {
        if (!changes.take(System.nanoTime())) {
            changesLeftOut.incrementAndGet();
            return;
        }
        LOG.info(
                "change, caller={} from={} method={} what={} outcome={} detail={} leftOut={}",
                Printable.line(caller.name()),
                from,
                method,
                cut(what),
                outcome.getCode(),
                cut(outcome.getDescription() == null ? "" : outcome.getDescription()),
                changesLeftOut.getAndSet(0));
    }

    /// @param caller the name of a caller without the role; `-` where it is not known
    /// @param reason see [Verdict.Reason], [#ROLE] or [#NO_RULE]
    void denied(String caller, Peer from, String method, Status.Code outcome, String reason) {
        // Names of methods that do not exist come from outside.
        String known = MethodRoles.of(method).isPresent() ? method : "other";
        meters.counter("dyadic.grpc.denied", "method", known, "status", outcome.name(), "reason", reason)
                .increment();
        long now = System.nanoTime();
        if (!ofAddress(from.host(), now).take(now) || !denials.take(now)) {
            denialsLeftOut.incrementAndGet();
            return;
        }
        LOG.info(
                "denied, caller={} from={} method={} outcome={} reason={} leftOut={}",
                Printable.line(caller),
                from,
                cut(method),
                outcome,
                reason,
                denialsLeftOut.getAndSet(0));
    }

    private Rate ofAddress(String host, long now) {
        synchronized (addresses) {
            return addresses.computeIfAbsent(host, _ -> new Rate(DENIALS_PER_ADDRESS_AND_SECOND, now));
        }
    }

    private static String cut(String text) {
        return Printable.line(text.length() <= MAX_WHAT_CHARS ? text : text.substring(0, MAX_WHAT_CHARS) + "…");
    }
}
