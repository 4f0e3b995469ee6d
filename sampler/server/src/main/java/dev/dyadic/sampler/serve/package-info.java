/// The gRPC edge: the service, its streams, what calls may use, and the statuses of failures. It parses, calls the
/// rooms behind it, and answers.
@NullMarked
package dev.dyadic.sampler.serve;

import org.jspecify.annotations.NullMarked;
