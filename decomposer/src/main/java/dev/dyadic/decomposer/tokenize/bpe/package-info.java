/// Byte-pair encoding: vocabularies, merges, and pieces of text to ids.
@NullMarked
package dev.dyadic.decomposer.tokenize.bpe;

import org.jspecify.annotations.NullMarked;
