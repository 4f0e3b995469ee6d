/// Runs, planning on demand, gathering, and the gRPC service.
@NullMarked
package dev.dyadic.sampler.serve;

import org.jspecify.annotations.NullMarked;
