/// The Kafka cluster as every part of Dyadic uses it: settings, topics, the identity of a corpus.
@NullMarked
package dev.dyadic.proto.kafka;

import org.jspecify.annotations.NullMarked;
