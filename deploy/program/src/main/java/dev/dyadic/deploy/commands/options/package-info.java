/// Groups of options that several commands share.
@NullMarked
package dev.dyadic.deploy.commands.options;

import org.jspecify.annotations.NullMarked;
