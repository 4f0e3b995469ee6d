package dev.dyadic.proto.rpc;

import java.security.cert.X509Certificate;
import org.jspecify.annotations.Nullable;

/// What a caller shows of itself.
///
/// @param authorization the header
/// @param certificate of the connection, which TLS has looked at when the connection was made
record Shown(@Nullable String authorization, @Nullable X509Certificate certificate) {
    /// Secrets are not shown.
    @Override
    public String toString() {
        return "Shown[authorization=" + (authorization == null ? "none" : "(hidden)") + ", certificate="
                + (certificate == null ? "none" : certificate.getSubjectX500Principal()) + "]";
    }
}
