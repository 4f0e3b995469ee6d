/// Everything in one process.
@NullMarked
package dev.dyadic.deploy.local;

import org.jspecify.annotations.NullMarked;
