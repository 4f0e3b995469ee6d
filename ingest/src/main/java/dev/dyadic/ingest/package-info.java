/// From the world to documents on Kafka: reads, validates, identifies, publishes.
@NullMarked
package dev.dyadic.ingest;

import org.jspecify.annotations.NullMarked;
