/// Dataset decomposition (Pouransari et al., NeurIPS 2024, section 3.1): pure, without Kafka.
@NullMarked
package dev.dyadic.decomposer.decompose;

import org.jspecify.annotations.NullMarked;
