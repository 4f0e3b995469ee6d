/// Tokenizers, by name or from a file: pure, without Kafka. A text goes through `huggingface` (added tokens), `stages`
/// (normalizers, pre-tokenizers) and `bpe` (pieces to ids), as UTF-8 all the way.
@NullMarked
package dev.dyadic.decomposer.tokenize;

import org.jspecify.annotations.NullMarked;
