package dev.dyadic.proto;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// What a ledger record says of itself beside its content, so that a program of an earlier release, which cannot read
/// the content, knows what it must leave alone: the run that the record is about, and the order version that whoever
/// plans or serves this run has to know. See docs/reference/topics.md, "Headers of the ledger".
///
/// @param runId ledger offset of the run's record
/// @param runName of a run that the record itself opens: it has no id yet
/// @param orderVersion empty: any version will do
public record LedgerHeaders(OptionalLong runId, Optional<String> runName, OptionalInt orderVersion) {
    /// Kafka header: the run's id, in decimal digits.
    public static final String RUN_ID = "dyadic.run.id";
    /// Kafka header: the run's name, in UTF-8.
    public static final String RUN_NAME = "dyadic.run.name";
    /// Kafka header: the order version, in decimal digits.
    public static final String ORDER_VERSION = "dyadic.order.version";

    /// Of records that concern no run, and of those that were written before there were headers.
    public static final LedgerHeaders NONE =
            new LedgerHeaders(OptionalLong.empty(), Optional.empty(), OptionalInt.empty());

    public static LedgerHeaders ofRun(long id, int orderVersion) {
        return new LedgerHeaders(OptionalLong.of(id), Optional.empty(), OptionalInt.of(orderVersion));
    }

    public static LedgerHeaders ofNewRun(String name, int orderVersion) {
        return new LedgerHeaders(OptionalLong.empty(), Optional.of(name), OptionalInt.of(orderVersion));
    }

    /// Whether a program that knows order versions up to this one knows enough.
    public boolean isServedBy(int knownOrderVersion) {
        return orderVersion.orElse(knownOrderVersion) <= knownOrderVersion;
    }

    public boolean namesRun() {
        return runId.isPresent() || runName.isPresent();
    }
}
