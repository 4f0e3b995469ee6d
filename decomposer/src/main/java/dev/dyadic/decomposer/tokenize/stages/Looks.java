package dev.dyadic.decomposer.tokenize.stages;

/// How many characters regular expressions may look at for one document, all of them together: enough for several
/// patterns like those of real tokenizers, each of which looks at 2 to 4 for each one of the text, and so few that the
/// largest document takes less than two seconds.
public final class Looks {
    private static final int PER_BYTE = 24;
    private static final int FREE = 10_000;
    private static final ScopedValue<Looks> OF_DOCUMENT = ScopedValue.newInstance();

    private final int bytes;
    private long left;

    private Looks(int bytes) {
        this.bytes = bytes;
        this.left = FREE + (long) PER_BYTE * bytes;
    }

    /// Does the work for a document of so many bytes, with looks of its own.
    public static void forDocument(int bytes, Runnable work) {
        ScopedValue.where(OF_DOCUMENT, new Looks(bytes)).run(work);
    }

    /// Those of the document at hand; outside of one, those of a text of so many bytes.
    static Looks current(int bytes) {
        return OF_DOCUMENT.isBound() ? OF_DOCUMENT.get() : new Looks(bytes);
    }

    void take(Object pattern) {
        if (--left < 0) {
            throw new TooMuchWorkException("expected patterns to look at no more than " + PER_BYTE
                    + " characters for each byte of a document, but for one of " + bytes
                    + " bytes they look at more; the last was " + pattern);
        }
    }
}
