/// Commands that try the program out: experiments, faults, simulations and benchmarks. The program finds them where
/// this module is on its class path.
@NullMarked
package dev.dyadic.deploy.lab;

import org.jspecify.annotations.NullMarked;
