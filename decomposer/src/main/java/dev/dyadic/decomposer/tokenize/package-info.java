/// Tokenizers by name: pure, without Kafka.
@NullMarked
package dev.dyadic.decomposer.tokenize;

import org.jspecify.annotations.NullMarked;
