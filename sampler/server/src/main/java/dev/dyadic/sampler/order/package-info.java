/// The order of rows: what docs/order.md specifies. Pure: a function of the ledger, without Kafka, gRPC or disk.
@NullMarked
package dev.dyadic.sampler.order;

import org.jspecify.annotations.NullMarked;
