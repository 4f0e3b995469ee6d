package dev.dyadic.sampler.simulate;

import dev.dyadic.sampler.order.BasisRule;
import dev.dyadic.sampler.order.Cycle;
import dev.dyadic.sampler.order.LivePools;
import dev.dyadic.sampler.order.OrderParts;
import java.util.Optional;

/// Ways to break the protocol, for showing that the simulation finds it. Each is a part of the order, or of a replica,
/// that is put in the place of the real one.
public enum PlantedBug {
    NONE,
    /// A manifest counts although an amendment came between its basis and itself.
    SKIP_BASIS_CHECK,
    /// A replica serves what it has proposed before it has read it back.
    ACT_BEFORE_READ_BACK,
    /// Rows that did not fill a step are forgotten, and not carried to the next cycle.
    LOSE_CARRY_OVER;

    OrderParts parts() {
        return switch (this) {
            case NONE, ACT_BEFORE_READ_BACK -> OrderParts.REAL;
            case SKIP_BASIS_CHECK -> new OrderParts(LivePools::new, (_, _) -> Optional.empty());
            case LOSE_CARRY_OVER -> new OrderParts(ForgetfulPools::new, BasisRule.REAL);
        };
    }

    Replica replica(World world, String name) {
        return this == ACT_BEFORE_READ_BACK
                ? new HastyReplica(world, parts(), name)
                : new Replica(world, parts(), name);
    }

    /// Takes every row that a cycle admits for dealt.
    private static final class ForgetfulPools extends LivePools {
        @Override
        public void follow(Cycle cycle) {
            super.follow(cycle);
            cycle.admitted().forEach((pool, admitted) -> advance(pool, admitted.total()));
        }
    }
}
