/// Translates between messages of the gRPC service and values of the order.
@NullMarked
package dev.dyadic.sampler.messages;

import org.jspecify.annotations.NullMarked;
