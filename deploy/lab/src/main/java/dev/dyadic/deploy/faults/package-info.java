/// Faults on real processes, by seed, and what has to hold afterwards.
@NullMarked
package dev.dyadic.deploy.faults;

import org.jspecify.annotations.NullMarked;
