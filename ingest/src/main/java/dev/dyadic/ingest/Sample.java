package dev.dyadic.ingest;

import dev.dyadic.proto.Digests;
import dev.dyadic.proto.InvalidException;

/// A part of all documents, chosen by their ids: the same ones each time.
///
/// A document is taken where the upper 53 bits of XXH64 of its id, with a seed of its own, make a fraction below the
/// rate. A smaller rate takes some of those that a larger one takes.
///
/// @param rate in (0, 1]
public record Sample(double rate) {
    public static final Sample ALL = new Sample(1);

    private static final long SEED = 0x73616d706c65L;
    private static final double UNIT = 0x1.0p-53;

    public Sample {
        if (!(rate > 0 && rate <= 1)) {
            throw new InvalidException("sample must be more than 0 and at most 1, but was " + rate);
        }
    }

    boolean takes(String id) {
        return rate == 1 || (Digests.xxh64(id, SEED) >>> 11) * UNIT < rate;
    }
}
