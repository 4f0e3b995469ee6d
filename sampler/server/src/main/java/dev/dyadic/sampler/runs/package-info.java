/// Runs as a service: opening, forking, amending, closing and committing through the ledger, and planning cycles when
/// clients come near the end of what is planned.
@NullMarked
package dev.dyadic.sampler.runs;

import org.jspecify.annotations.NullMarked;
