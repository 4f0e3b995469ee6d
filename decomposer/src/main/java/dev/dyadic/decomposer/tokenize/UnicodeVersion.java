package dev.dyadic.decomposer.tokenize;

import java.util.List;

/// The version of Unicode that the JDK has, which the classes of characters depend on, and with them where a text is
/// cut.
final class UnicodeVersion {
    private static final String UNKNOWN = "older than 15.0";

    private record Version(String name, int character) {}

    /// A character that came with each version, newest first.
    private static final List<Version> VERSIONS = List.of(
            new Version("17.0", 0xA7CE),
            new Version("16.0", 0x1C89),
            new Version("15.1", 0x2FFC),
            new Version("15.0", 0x1E030));

    private UnicodeVersion() {}

    /// The version, or a newer one that this program does not know of.
    static String ofThisJdk() {
        return VERSIONS.stream()
                .filter(version -> Character.isDefined(version.character()))
                .map(Version::name)
                .findFirst()
                .orElse(UNKNOWN);
    }
}
