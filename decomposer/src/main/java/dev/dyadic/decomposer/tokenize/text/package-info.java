/// Characters of UTF-8, and the classes that split patterns tell apart.
@NullMarked
package dev.dyadic.decomposer.tokenize.text;

import org.jspecify.annotations.NullMarked;
