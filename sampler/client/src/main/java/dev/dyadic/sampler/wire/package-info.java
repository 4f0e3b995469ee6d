/// Batches on the wire, without needless copies.
@NullMarked
package dev.dyadic.sampler.wire;

import org.jspecify.annotations.NullMarked;
