/// The sampler: replicate, plan, gather, serve.
@NullMarked
package dev.dyadic.sampler;

import org.jspecify.annotations.NullMarked;
