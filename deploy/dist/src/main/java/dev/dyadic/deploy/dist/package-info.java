/// Used by the build alone: packs the program into wheels for Python's installers.
@NullMarked
package dev.dyadic.deploy.dist;

import org.jspecify.annotations.NullMarked;
