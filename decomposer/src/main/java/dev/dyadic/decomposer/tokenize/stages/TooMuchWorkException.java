package dev.dyadic.decomposer.tokenize.stages;

/// A regular expression takes more steps on a text than it may. The text is at fault, together with the pattern;
/// another text may do.
public final class TooMuchWorkException extends RuntimeException {
    private static final long serialVersionUID = 1;

    TooMuchWorkException(String message) {
        super(message, null, false, false);
    }
}
