package dev.dyadic.sampler.order;

import dev.dyadic.proto.InvalidException;

/// Where a fork grows from its parent: the fork has the parent's steps below `step`, and nobody deals the `skip` steps
/// that follow in the parent's order.
///
/// @param runId of the parent
public record ForkPoint(long runId, long step, long skip) {
    public ForkPoint {
        if (step < 0 || skip < 0) {
            throw new InvalidException("a fork's step and skip must be at least 0, but were " + step + " and " + skip);
        }
    }
}
