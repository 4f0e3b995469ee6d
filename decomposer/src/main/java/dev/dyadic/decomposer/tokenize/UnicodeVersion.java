package dev.dyadic.decomposer.tokenize;

import dev.dyadic.proto.InvalidException;
import java.util.List;

/// The version of Unicode that the JDK has, which the classes of characters depend on, and with them where a text is
/// cut.
final class UnicodeVersion {
    /// tiktoken's library of regular expressions has it.
    private static final String OF_TIKTOKEN = "16.0";

    private static final int NEWEST_KNOWN_JAVA = 26;
    private static final String UNKNOWN = "older than 15.0";

    private record Version(String name, int character) {}

    /// A character that came with each version, newest first.
    private static final List<Version> VERSIONS = List.of(
            new Version("17.0", 0xA7CE),
            new Version("16.0", 0x1C89),
            new Version("15.1", 0x2FFC),
            new Version("15.0", 0x1E030));

    private UnicodeVersion() {}

    /// Throws where a tokenizer that comes without a file would not be what it is elsewhere.
    ///
    /// @param name of the tokenizer
    static void requireOfTiktoken(String name) {
        String found = ofThisJdk();
        if (!found.equals(OF_TIKTOKEN)) {
            throw new InvalidException("tokenizer " + name + " cuts texts by Unicode " + OF_TIKTOKEN
                    + ", but this Java has Unicode " + found + ", which would cut some elsewhere: use Java 25");
        }
    }

    static String ofThisJdk() {
        if (Runtime.version().feature() > NEWEST_KNOWN_JAVA) {
            return "of Java " + Runtime.version().feature();
        }
        return VERSIONS.stream()
                .filter(version -> Character.isDefined(version.character()))
                .map(Version::name)
                .findFirst()
                .orElse(UNKNOWN);
    }
}
