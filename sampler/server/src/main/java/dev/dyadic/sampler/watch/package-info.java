/// What is observed and shown, and decides nothing: the input, Kafka's retention, clients, metrics, the live view.
@NullMarked
package dev.dyadic.sampler.watch;

import org.jspecify.annotations.NullMarked;
