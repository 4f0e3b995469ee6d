package dev.dyadic.decomposer.tokenize;

/// The version of Unicode that the JDK has, which the classes of characters depend on, and with them where a text is
/// cut.
final class UnicodeVersion {
    private static final String UNKNOWN = "older than 15.0";

    /// A character that came with each version, newest first.
    private static final Object[][] CAME_WITH = {{"17.0", 0xA7CE}, {"16.0", 0x1C89}, {"15.1", 0x2FFC}, {"15.0", 0x1E030}
    };

    private UnicodeVersion() {}

    /// The version, or a newer one that this program does not know of.
    static String ofThisJdk() {
        for (Object[] version : CAME_WITH) {
            if (Character.isDefined((int) version[1])) {
                return (String) version[0];
            }
        }
        return UNKNOWN;
    }
}
