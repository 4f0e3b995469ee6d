/// Where rows come from and where documents went: a step's documents and spans, a document's steps.
@NullMarked
package dev.dyadic.sampler.trace;

import org.jspecify.annotations.NullMarked;
