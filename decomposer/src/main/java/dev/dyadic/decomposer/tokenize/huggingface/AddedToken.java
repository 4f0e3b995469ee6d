package dev.dyadic.decomposer.tokenize.huggingface;

/// A token beside the vocabulary, which is looked for in the text itself.
///
/// @param singleWord counts only where no word touches it
/// @param lstrip takes the white space before it
/// @param rstrip takes the white space behind it
/// @param normalized is looked for in the normalized text
/// @param special is text where a text spells it out
public record AddedToken(
        int id,
        String content,
        boolean singleWord,
        boolean lstrip,
        boolean rstrip,
        boolean normalized,
        boolean special) {}
