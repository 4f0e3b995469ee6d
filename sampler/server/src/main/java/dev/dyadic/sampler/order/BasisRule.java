package dev.dyadic.sampler.order;

import java.util.Optional;

/// Whether a manifest was planned from a ledger that had the run's last amendment.
@FunctionalInterface
public interface BasisRule {
    /// The rule of docs/order.md. A simulation replaces it by one that makes a mistake.
    BasisRule REAL = (basis, amendedAt) -> amendedAt
            .filter(offset -> basis <= offset)
            .map(offset -> "the run was amended at offset " + offset + ", after its basis " + basis);

    /// @param basis ledger offset up to which the planner had read
    /// @param amendedAt ledger offset of the last amendment
    /// @return why the manifest does not count
    Optional<String> stale(long basis, Optional<Long> amendedAt);
}
