/// The ledger topic: the only truth about order.
@NullMarked
package dev.dyadic.sampler.ledger;

import org.jspecify.annotations.NullMarked;
