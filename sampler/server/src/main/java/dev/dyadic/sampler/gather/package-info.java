/// From a planned step to its bytes: which rows it has, where they lie on this disk, and the copies of steps that are
/// kept until they were handed out.
@NullMarked
package dev.dyadic.sampler.gather;

import org.jspecify.annotations.NullMarked;
