package dev.dyadic.proto.rpc;

import dev.dyadic.proto.Printable;
import io.grpc.Status;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Who did, or tried, what: a line for every call that changes something, and for every call that is denied. The lines
/// go to the logger `dyadic.audit`, whatever else is logged.
///
/// It is bounded: lines beyond a rate are counted, and the next line says how many there were. Changes and denials have
/// rates of their own, and each caller, or address, has a part of them, so that a flood hides nothing of others. What
/// known administrators do is always written. `dyadic.grpc.denied` counts all denials.
final class AuditLog {
    static final String LOGGER = "dyadic.audit";
    /// Why a caller that is known is denied.
    static final String ROLE = "role";

    static final String NO_RULE = "no-rule";
    static final int CHANGES_PER_SECOND = 100;
    static final int CHANGES_PER_CALLER_AND_SECOND = 20;
    static final int DENIALS_PER_SECOND = 20;
    static final int DENIALS_PER_ADDRESS_AND_SECOND = 5;
    private static final int MAX_RATES = 1024;
    private static final int MAX_WHAT_CHARS = 1000;
    private static final Logger LOG = LoggerFactory.getLogger(LOGGER);

    private final MeterRegistry meters;
    private final LongSupplier nanos;
    private final Rate changes;
    private final Rate denials;
    private final AtomicLong changesLeftOut = new AtomicLong();
    private final AtomicLong denialsLeftOut = new AtomicLong();
    private final Rates callers = new Rates(CHANGES_PER_CALLER_AND_SECOND);
    private final Rates addresses = new Rates(DENIALS_PER_ADDRESS_AND_SECOND);

    /// A rate for each of those that were seen lately.
    private static final class Rates {
        private final int perSecond;
        private final Map<String, Rate> rates = new LinkedHashMap<>(16, 0.75f, true) {
            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Rate> eldest) {
                return size() > MAX_RATES;
            }
        };

        Rates(int perSecond) {
            this.perSecond = perSecond;
        }

        synchronized boolean take(String of, long now) {
            return rates.computeIfAbsent(of, _ -> new Rate(perSecond, now)).take(now);
        }
    }

    AuditLog(MeterRegistry meters) {
        this(meters, System::nanoTime);
    }

    /// @param nanos the clock of the rates
    AuditLog(MeterRegistry meters, LongSupplier nanos) {
        this.meters = meters;
        this.nanos = nanos;
        this.changes = new Rate(CHANGES_PER_SECOND, nanos.getAsLong());
        this.denials = new Rate(DENIALS_PER_SECOND, nanos.getAsLong());
    }

    /// A call that changes something has ended.
    ///
    /// @param method full name, `package.Service/Method`
    /// @param what it asked for, and how much of it
    void changed(Caller caller, Peer from, String method, String what, Status outcome) {
        long now = nanos.getAsLong();
        boolean isKnown = !caller.equals(Caller.ANYBODY);
        boolean isAdmin = isKnown && MethodRoles.of(method).equals(Optional.of(Role.ADMIN));
        if (!isAdmin && !(callers.take(isKnown ? caller.name() : from.host(), now) && changes.take(now))) {
            changesLeftOut.incrementAndGet();
            return;
        }
        LOG.info(
                "change, caller={} from={} method={} what={} outcome={} detail={} leftOut={}",
                word(caller.name()),
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
        long now = nanos.getAsLong();
        if (!(addresses.take(from.host(), now) && denials.take(now))) {
            denialsLeftOut.incrementAndGet();
            return;
        }
        LOG.info(
                "denied, caller={} from={} method={} outcome={} reason={} leftOut={}",
                word(caller),
                from,
                word(method),
                outcome,
                reason,
                denialsLeftOut.getAndSet(0));
    }

    /// One that holds a blank could pass for other fields.
    private static String word(String text) {
        String shown = cut(text);
        return shown.indexOf(' ') < 0 && shown.indexOf('=') < 0 ? shown : "'" + shown.replace("'", "\\'") + "'";
    }

    private static String cut(String text) {
        return Printable.line(text.length() <= MAX_WHAT_CHARS ? text : text.substring(0, MAX_WHAT_CHARS) + "…");
    }
}
