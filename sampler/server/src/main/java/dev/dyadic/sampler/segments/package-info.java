/// Rows on disk: a cache of the length topics that can be rebuilt from them at any time.
@NullMarked
package dev.dyadic.sampler.segments;

import org.jspecify.annotations.NullMarked;
