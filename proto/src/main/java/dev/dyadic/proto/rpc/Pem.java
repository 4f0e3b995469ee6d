package dev.dyadic.proto.rpc;

import dev.dyadic.proto.InvalidException;
import io.grpc.util.AdvancedTlsX509KeyManager;
import io.grpc.util.AdvancedTlsX509TrustManager;
import io.grpc.util.CertificateUtils;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Certificates and keys from PEM files, read anew when they change; connections that are open stay as they are. Files
/// that are half renewed, or wrong, leave what was read before in force.
final class Pem implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Pem.class);
    /// A change counts for connections made after so long.
    private static final long LOOK_SECONDS = 5;

    private static final byte[] SAMPLE = {1, 2, 3, 4};

    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("dyadic-certificates").daemon().factory());

    /// Reads files and puts what they say in force.
    @FunctionalInterface
    private interface Load {
        void run() throws IOException, GeneralSecurityException;
    }

    /// @param expires told when the chain's first certificate ends, at each reading
    AdvancedTlsX509KeyManager keys(Path certificate, Path key, Consumer<Instant> expires) {
        AdvancedTlsX509KeyManager manager = new AdvancedTlsX509KeyManager();
        keep(
                "a certificate and its key, both PEM, the key PKCS #8 and not encrypted",
                List.of(certificate, key),
                () -> {
                    X509Certificate[] chain = certificates(certificate);
                    PrivateKey secret = privateKey(key);
                    requirePair(chain[0].getPublicKey(), secret);
                    manager.updateIdentityCredentials(chain, secret);
                    expires.accept(Stream.of(chain)
                            .map(X509Certificate::getNotAfter)
                            .min(Comparator.naturalOrder())
                            .orElseThrow()
                            .toInstant());
                });
        return manager;
    }

    AdvancedTlsX509TrustManager trust(Path authorities) {
        try {
            AdvancedTlsX509TrustManager manager =
                    AdvancedTlsX509TrustManager.newBuilder().build();
            keep(
                    "certificates in PEM",
                    List.of(authorities),
                    () -> manager.updateTrustCredentials(certificates(authorities)));
            return manager;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has X.509", e);
        }
    }

    @Override
    public void close() {
        looks.shutdownNow();
    }

    private void keep(String expected, List<Path> files, Load load) {
        Watch watch = new Watch(files, load);
        try {
            watch.read();
        } catch (IOException | GeneralSecurityException | RuntimeException e) {
            // What the parser says may show what stands in the file.
            String reason = e instanceof IOException ? ": " + e.getMessage() : "";
            throw new InvalidException(names(files) + " must hold " + expected + ", and cannot be used" + reason, e);
        }
        ScheduledFuture<?> _ = looks.scheduleWithFixedDelay(watch::look, LOOK_SECONDS, LOOK_SECONDS, TimeUnit.SECONDS);
    }

    private static X509Certificate[] certificates(Path file) throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(file)) {
            X509Certificate[] certificates = CertificateUtils.getX509Certificates(in);
            if (certificates.length == 0) {
                throw new GeneralSecurityException("no certificate");
            }
            return certificates;
        }
    }

    private static PrivateKey privateKey(Path file) throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(file)) {
            return CertificateUtils.getPrivateKey(in);
        }
    }

    /// What the key signs, the certificate has to bear out.
    private static void requirePair(PublicKey open, PrivateKey secret) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(
                switch (secret.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> secret.getAlgorithm();
                });
        signature.initSign(secret);
        signature.update(SAMPLE);
        byte[] signed = signature.sign();
        signature.initVerify(open);
        signature.update(SAMPLE);
        if (!signature.verify(signed)) {
            throw new GeneralSecurityException("the key is not that of the certificate");
        }
    }

    private static String names(List<Path> files) {
        return String.join(", ", files.stream().map(Path::toString).toList());
    }

    /// Owned by the thread that looks.
    private static final class Watch {
        private final List<Path> files;
        private final Load load;
        private List<FileTime> read = List.of();

        Watch(List<Path> files, Load load) {
            this.files = files;
            this.load = load;
        }

        void read() throws IOException, GeneralSecurityException {
            List<FileTime> now = times();
            load.run();
            read = now;
        }

        /// What cannot be used is tried again.
        void look() {
            try {
                if (!times().equals(read)) {
                    read();
                    LOG.info("certificates read anew, files={}", names(files));
                }
            } catch (IOException | GeneralSecurityException | RuntimeException e) {
                LOG.warn(
                        "certificates not read anew, those from before stay in force, files={} reason={}",
                        names(files),
                        e.getClass().getSimpleName());
            }
        }

        private List<FileTime> times() throws IOException {
            List<FileTime> times = new ArrayList<>();
            for (Path file : files) {
                times.add(Files.getLastModifiedTime(file));
            }
            return times;
        }
    }
}
