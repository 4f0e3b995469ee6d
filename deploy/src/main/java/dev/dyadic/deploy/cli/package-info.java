/// The commands.
@NullMarked
package dev.dyadic.deploy.cli;

import org.jspecify.annotations.NullMarked;
