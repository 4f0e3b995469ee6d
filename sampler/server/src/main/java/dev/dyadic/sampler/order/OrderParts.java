package dev.dyadic.sampler.order;

import java.util.function.Supplier;

/// The parts of an order that a simulation replaces by broken ones, to show that it finds what they break. Programs use
/// [#REAL].
public record OrderParts(Supplier<LivePools> livePools, BasisRule basisRule) {
    public static final OrderParts REAL = new OrderParts(LivePools::new, BasisRule.REAL);
}
