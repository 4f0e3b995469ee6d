/// The protocol in memory: a ledger, replicas, arrivals, amendments, forks, crashes, all driven by one seed.
@NullMarked
package dev.dyadic.sampler.simulate;

import org.jspecify.annotations.NullMarked;
