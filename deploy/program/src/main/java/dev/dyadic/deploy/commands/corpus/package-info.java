/// Commands on whole corpora.
@NullMarked
package dev.dyadic.deploy.commands.corpus;

import org.jspecify.annotations.NullMarked;
