/// The command that trains.
@NullMarked
package dev.dyadic.deploy.commands.train;

import org.jspecify.annotations.NullMarked;
