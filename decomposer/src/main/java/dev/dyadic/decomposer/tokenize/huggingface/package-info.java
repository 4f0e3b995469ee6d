/// Hugging Face's `tokenizer.json`: reads it, and refuses what it does not know by its JSON path.
@NullMarked
package dev.dyadic.decomposer.tokenize.huggingface;

import org.jspecify.annotations.NullMarked;
