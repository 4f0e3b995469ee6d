/// The Java client: runs and batches over gRPC.
@NullMarked
package dev.dyadic.sampler.client;

import org.jspecify.annotations.NullMarked;
