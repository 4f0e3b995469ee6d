package dev.dyadic.decomposer.tokenize.stages;

import dev.dyadic.proto.DyadicException;

/// A regular expression takes more steps on a text than it may. The text is at fault, together with the pattern;
/// another text may do.
public final class TooMuchWorkException extends DyadicException {
    private static final long serialVersionUID = 1;

    TooMuchWorkException(String message) {
        super(Kind.INVALID, message);
    }
}
