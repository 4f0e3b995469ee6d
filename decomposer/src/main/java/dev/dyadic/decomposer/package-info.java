/// The Streams topology: check, deduplicate, tokenize, decompose.
@NullMarked
package dev.dyadic.decomposer;

import org.jspecify.annotations.NullMarked;
