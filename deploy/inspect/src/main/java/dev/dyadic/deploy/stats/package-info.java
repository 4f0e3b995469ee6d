/// What a corpus holds, in numbers.
@NullMarked
package dev.dyadic.deploy.stats;

import org.jspecify.annotations.NullMarked;
