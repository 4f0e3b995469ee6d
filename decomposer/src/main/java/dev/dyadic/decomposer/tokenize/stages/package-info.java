/// What happens to a text before its pieces are merged: normalizers rewrite it, pre-tokenizers cut it.
@NullMarked
package dev.dyadic.decomposer.tokenize.stages;

import org.jspecify.annotations.NullMarked;
