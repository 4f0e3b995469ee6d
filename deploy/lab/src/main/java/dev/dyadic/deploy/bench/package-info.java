/// Benchmarks of the whole program. Each compares against a ceiling, or itself, in one run, and asserts nothing.
@NullMarked
package dev.dyadic.deploy.bench;

import org.jspecify.annotations.NullMarked;
