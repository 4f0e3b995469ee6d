package dev.dyadic.sampler.simulate;

import dev.dyadic.proto.LedgerCodec;
import dev.dyadic.proto.avro.Manifest;
import dev.dyadic.sampler.order.OrderParts;

/// A replica that takes what it proposes for granted.
final class HastyReplica extends Replica {
    HastyReplica(World world, OrderParts parts, String name) {
        super(world, parts, name);
    }

    @Override
    void proposed(Manifest manifest) {
        state().apply(state().endOffset(), LedgerCodec.encode(manifest));
    }
}
