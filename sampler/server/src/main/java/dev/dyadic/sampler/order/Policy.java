package dev.dyadic.sampler.order;

import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.Weighting;
import dev.dyadic.proto.avro.Amended;

/// How cycles are planned: what an amendment can change.
public record Policy(Curriculum curriculum, Weighting weighting, MixtureWeights mixture) {
    /// @param buckets of the run
    static Policy of(Amended amended, int buckets) {
        Policy policy = new Policy(
                Curriculum.ofTexts(amended.getCurriculum(), amended.getOdds()),
                Weighting.of(amended.getWeighting()),
                MixtureWeights.of(amended.getMixture()));
        policy.requireBuckets(buckets);
        return policy;
    }

    void requireBuckets(int buckets) {
        if (curriculum.odds().size() != buckets) {
            throw new InvalidException("curriculum must have " + buckets + " odds, but has "
                    + curriculum.odds().size());
        }
        if (mixture.weighsBuckets() && mixture.buckets().size() != buckets) {
            throw new InvalidException("mixture must have " + buckets
                    + " weights of lengths, one for each, but has "
                    + mixture.buckets().size());
        }
    }
}
