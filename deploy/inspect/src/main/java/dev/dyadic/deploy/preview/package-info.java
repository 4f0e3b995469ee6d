/// A curriculum as it would be dealt, without data: from a table of how many sequences each length has.
@NullMarked
package dev.dyadic.deploy.preview;

import org.jspecify.annotations.NullMarked;
