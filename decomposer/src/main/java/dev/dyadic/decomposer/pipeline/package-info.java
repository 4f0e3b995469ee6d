/// What happens to one document, stage by stage: pure, without Kafka.
@NullMarked
package dev.dyadic.decomposer.pipeline;

import org.jspecify.annotations.NullMarked;
