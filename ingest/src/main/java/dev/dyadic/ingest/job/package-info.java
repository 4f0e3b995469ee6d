/// How far inputs were read, kept on Kafka.
@NullMarked
package dev.dyadic.ingest.job;

import org.jspecify.annotations.NullMarked;
