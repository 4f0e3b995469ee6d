package dev.dyadic.sampler.order;

import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.OfferedNumbers;
import dev.dyadic.proto.Split;
import dev.dyadic.proto.Weighting;
import java.util.ArrayList;
import java.util.List;

/// One training job's view of a corpus, with every default filled in.
///
/// @param seed all 64 bits count
/// @param tokensPerStep positions of every step, a multiple of the longest length
/// @param start earliest, latest, or an ISO-8601 instant, as asked for
public record RunSpec(
        long seed,
        long tokensPerStep,
        Buckets buckets,
        Curriculum curriculum,
        Weighting weighting,
        MixtureWeights mixture,
        Split split,
        String start,
        Extent extent) {
    public static final String EARLIEST = "earliest";
    public static final String LATEST = "latest";
    public static final long MAX_TOKENS_PER_STEP = 1L << 28;

    public RunSpec {
        if (tokensPerStep < 1 || tokensPerStep > MAX_TOKENS_PER_STEP || tokensPerStep % buckets.maxLength() != 0) {
            throw new InvalidException("tokens-per-step must be a multiple of the longest length " + buckets.maxLength()
                    + ", and at most " + MAX_TOKENS_PER_STEP + ", but was " + tokensPerStep + "; the nearest is "
                    + OfferedNumbers.text(OfferedNumbers.nearestMultiple(
                            Math.min(tokensPerStep, MAX_TOKENS_PER_STEP), buckets.maxLength())));
        }
        new Policy(curriculum, weighting, mixture).requireBuckets(buckets.count());
    }

    /// How cycles are planned until an amendment changes it.
    public Policy policy() {
        return new Policy(curriculum, weighting, mixture);
    }

    /// The same with another seed and policy.
    public RunSpec with(long newSeed, Policy policy) {
        return new RunSpec(
                newSeed,
                tokensPerStep,
                buckets,
                policy.curriculum(),
                policy.weighting(),
                policy.mixture(),
                split,
                start,
                extent);
    }

    public int rowsPerStep(Bucket bucket) {
        return (int) bucket.rows(tokensPerStep);
    }

    /// Whole steps in so many tokens, at least one.
    public long stepsIn(long tokens) {
        return Math.max(1, tokens / tokensPerStep);
    }

    /// Where the other differs, one line each.
    public List<String> differences(RunSpec other) {
        List<String> found = new ArrayList<>();
        compare(found, "seed", Long.toUnsignedString(seed), Long.toUnsignedString(other.seed));
        compare(found, "tokens-per-step", tokensPerStep, other.tokensPerStep);
        compare(found, "lengths", buckets, other.buckets);
        compare(found, "curriculum", curriculum, other.curriculum);
        compare(found, "weighting", weighting.text(), other.weighting.text());
        compare(found, "mixture", mixture, other.mixture);
        compare(found, "split", split.text(), other.split.text());
        compare(found, "start", start, other.start);
        compare(found, "extent", extent, other.extent);
        return found;
    }

    private static void compare(List<String> found, String key, Object mine, Object theirs) {
        if (!mine.equals(theirs)) {
            found.add(key + ": the run has " + mine + ", but " + theirs + " was asked for");
        }
    }
}
