/// What the command line does not say: the configuration file, and what a mistyped name may have meant.
@NullMarked
package dev.dyadic.deploy.commands.config;

import org.jspecify.annotations.NullMarked;
