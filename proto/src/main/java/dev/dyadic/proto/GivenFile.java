package dev.dyadic.proto;

/// A file that the settings of a corpus name, as somebody gives it who makes the corpus or opens it.
public interface GivenFile {
    Asset asset();

    /// Where the file that the corpus has differs from this one, in words.
    String differenceFrom(Asset ofCorpus);
}
