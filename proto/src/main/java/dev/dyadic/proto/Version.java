package dev.dyadic.proto;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Properties;

/// What this program is, as the build wrote it.
public final class Version {
    private static final Properties PROPERTIES = read();

    public static final String TEXT = PROPERTIES.getProperty("version", "unknown");

    /// Of the sources, with "-dirty" where they had changes that were not committed; "unknown" outside a checkout.
    public static final String COMMIT = commit(PROPERTIES.getProperty("commit", "unknown"));

    private Version() {}

    /// A build outside a checkout leaves the name of the property as it is.
    private static String commit(String text) {
        return text.startsWith("$") ? "unknown" : text;
    }

    private static Properties read() {
        Properties properties = new Properties();
        try (InputStream in = Objects.requireNonNull(Version.class.getResourceAsStream("version.properties"))) {
            properties.load(in);
        } catch (IOException e) {
            throw new IllegalStateException("the version is missing from this program", e);
        }
        return properties;
    }
}
