/// Commands that open, show and change runs.
@NullMarked
package dev.dyadic.deploy.commands.run;

import org.jspecify.annotations.NullMarked;
