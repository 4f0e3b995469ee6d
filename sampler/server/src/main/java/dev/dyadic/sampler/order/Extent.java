package dev.dyadic.sampler.order;

import dev.dyadic.proto.InvalidException;
/// How far a run goes.

public sealed interface Extent {
    /// What is there when the run opens.
    ///
    /// @param cycles per pass
    record Bounded(int cycles, int passes) implements Extent {
        private static final int MAX = 10_000;

        public Bounded {
            if (cycles < 1 || cycles > MAX) {
                throw new InvalidException("cycles must be between 1 and " + MAX + ", but was " + cycles);
            }
            if (passes < 1 || passes > MAX) {
                throw new InvalidException("passes must be between 1 and " + MAX + ", but was " + passes);
            }
        }

        @Override
        public String toString() {
            return "bounded, cycles a pass %,d, passes %,d".formatted(cycles, passes);
        }
    }

    /// Goes on as documents arrive.
    ///
    /// @param cycleTokens a cycle is planned when whole steps of so many tokens are there; it takes no more
    /// @param minCycleTokens after `maxWaitMillis` of waiting, so many are enough
    record Live(long cycleTokens, long minCycleTokens, long maxWaitMillis) implements Extent {
        public Live {
            if (cycleTokens < 1) {
                throw new InvalidException("cycle-tokens must be at least 1, but was " + cycleTokens);
            }
            if (minCycleTokens < 0 || minCycleTokens > cycleTokens) {
                throw new InvalidException("min-cycle-tokens must be between 0 and cycle-tokens " + cycleTokens
                        + ", but was " + minCycleTokens);
            }
            if (maxWaitMillis < 0) {
                throw new InvalidException("max-wait must be at least 0 ms, but was " + maxWaitMillis);
            }
        }

        @Override
        public String toString() {
            return "live, cycles of %,d tokens, or of %,d after %,d ms"
                    .formatted(cycleTokens, minCycleTokens, maxWaitMillis);
        }
    }
}
