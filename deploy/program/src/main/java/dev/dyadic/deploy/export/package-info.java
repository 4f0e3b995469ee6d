/// Steps of a run as files that other loaders read.
@NullMarked
package dev.dyadic.deploy.export;

import org.jspecify.annotations.NullMarked;
