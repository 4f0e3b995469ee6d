package dev.dyadic.deploy.commands.process;

import dev.dyadic.proto.InvalidException;
import org.jspecify.annotations.Nullable;

/// What nobody else may do with files that this process makes: rows are text of the corpus, and checkpoints are what
/// was
/// paid for. Java itself gives files the mask of whoever started it, which is often that all may read.
public final class Umask {
    public static final String VARIABLE = "DYADIC_UMASK";
    private static final int OWNER_ONLY = 0077;
    private static final int ALL = 0777;

    private Umask() {}

    /// Sets it for the process, where the system has one.
    ///
    /// @param octal such as `027`, for files that the group may read; null: the owner only
    public static void set(@Nullable String octal) {
        CLibrary.call("umask", parse(octal));
    }

    static int parse(@Nullable String octal) {
        if (octal == null || octal.isBlank()) {
            return OWNER_ONLY;
        }
        try {
            int mask = Integer.parseInt(octal.strip(), 8);
            if (mask >= 0 && mask <= ALL) {
                return mask;
            }
        } catch (NumberFormatException e) {
            // Told below.
        }
        throw new InvalidException(VARIABLE + " must be an octal number from 0 to 777, such as 027, but was " + octal);
    }
}
