package dev.dyadic.sampler.order;

import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.Weighting;
import java.util.List;
import java.util.Optional;

/// What an amendment or a fork changes of how cycles are planned; the rest stays as it is.
///
/// @param curriculum name; empty: as it is
/// @param odds for the curriculum `odds`, shortest length first
public record PolicyChange(
        String curriculum, List<String> odds, Optional<Weighting> weighting, Optional<MixtureWeights> mixture) {
    public static final PolicyChange NONE = new PolicyChange("", List.of(), Optional.empty(), Optional.empty());

    public PolicyChange {
        odds = List.copyOf(odds);
        if (curriculum.isEmpty() && !odds.isEmpty()) {
            throw new InvalidException("odds are given, but no curriculum: use curriculum odds");
        }
    }

    Policy apply(Policy policy, Buckets buckets) {
        return new Policy(
                curriculum.isEmpty() ? policy.curriculum() : Curriculum.of(curriculum, buckets, odds),
                weighting.orElse(policy.weighting()),
                mixture.orElse(policy.mixture()));
    }
}
