/// What commands print: JSON, tables, progress bars, lines of steps.
@NullMarked
package dev.dyadic.deploy.commands.print;

import org.jspecify.annotations.NullMarked;
