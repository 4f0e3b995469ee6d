package dev.dyadic.proto.rpc;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;
import java.util.Objects;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;

/// A certificate that has signed itself, and its key, as PEM files: made by the JDK's keytool.
record Certificate(Path certificate, Path key) {
    private static final String PASSWORD = "of-the-test";

    /// Of a server that shows it.
    SSLContext context() throws GeneralSecurityException {
        try (Pem pem = new Pem()) {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(new KeyManager[] {pem.keys(certificate, key, _ -> {})}, null, null);
            return context;
        }
    }

    static Certificate make(Path directory, String commonName) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        Path store = directory.resolve(commonName + ".p12");
        Files.deleteIfExists(store);
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "key",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=" + commonName,
                        "-ext",
                        "SAN=ip:127.0.0.1,dns:localhost",
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        PASSWORD,
                        "-keystore",
                        store.toString())
                .inheritIO()
                .start();
        if (keytool.waitFor() != 0) {
            throw new IOException("keytool made no certificate");
        }
        try (InputStream in = Files.newInputStream(store)) {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(in, PASSWORD.toCharArray());
            byte[] key = Objects.requireNonNull(keys.getKey("key", PASSWORD.toCharArray()))
                    .getEncoded();
            return new Certificate(
                    pem(
                            directory.resolve(commonName + ".crt"),
                            "CERTIFICATE",
                            keys.getCertificate("key").getEncoded()),
                    pem(directory.resolve(commonName + ".key"), "PRIVATE KEY", Objects.requireNonNull(key)));
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    private static Path pem(Path file, String title, byte[] content) throws IOException {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return Files.writeString(file, "-----BEGIN " + title + "-----\n" + text + "\n-----END " + title + "-----\n");
    }
}
