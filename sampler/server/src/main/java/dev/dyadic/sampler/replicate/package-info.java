/// Reads the length topics into segments.
@NullMarked
package dev.dyadic.sampler.replicate;

import org.jspecify.annotations.NullMarked;
