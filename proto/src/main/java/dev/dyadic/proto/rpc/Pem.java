package dev.dyadic.proto.rpc;

import io.grpc.util.AdvancedTlsX509KeyManager;
import io.grpc.util.AdvancedTlsX509TrustManager;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// Certificates and keys from PEM files, read anew when they change; connections that are open stay as they are.
final class Pem implements AutoCloseable {
    /// A change counts for connections made after so long.
    static final long LOOK_SECONDS = 5;

    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("dyadic-certificates").daemon().factory());

    AdvancedTlsX509KeyManager keys(Path certificate, Path key) {
        AdvancedTlsX509KeyManager manager = new AdvancedTlsX509KeyManager();
        try {
            AdvancedTlsX509KeyManager.Closeable _ = manager.updateIdentityCredentials(
                    certificate.toFile(), key.toFile(), LOOK_SECONDS, TimeUnit.SECONDS, looks);
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            throw unusable(
                    "a certificate and its key, both PEM, the key PKCS #8 and not encrypted", e, certificate, key);
        }
        return manager;
    }

    AdvancedTlsX509TrustManager trust(Path authorities) {
        try {
            AdvancedTlsX509TrustManager manager =
                    AdvancedTlsX509TrustManager.newBuilder().build();
            AdvancedTlsX509TrustManager.Closeable _ =
                    manager.updateTrustCredentials(authorities.toFile(), LOOK_SECONDS, TimeUnit.SECONDS, looks);
            return manager;
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            throw unusable("certificates in PEM", e, authorities);
        }
    }

    @Override
    public void close() {
        looks.shutdownNow();
    }

    private static IllegalArgumentException unusable(String expected, Exception cause, Path... files) {
        StringBuilder names = new StringBuilder();
        for (Path file : files) {
            names.append(names.isEmpty() ? "" : ", ").append(file);
        }
        // What the parser says may show what stands in the file.
        String reason = cause instanceof IOException ? ": " + cause.getMessage() : "";
        return new IllegalArgumentException(names + " must hold " + expected + ", and cannot be used" + reason, cause);
    }
}
