package dev.dyadic.deploy.ops;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.Properties;

/// Of this program, as the build wrote it.
public final class Version {
    public static final String TEXT = read();

    private Version() {}

    private static String read() {
        Properties properties = new Properties();
        try (InputStream in = Objects.requireNonNull(Version.class.getResourceAsStream("version.properties"))) {
            properties.load(in);
        } catch (IOException e) {
            throw new IllegalStateException("the version is missing from this program", e);
        }
        return properties.getProperty("version", "unknown");
    }
}
