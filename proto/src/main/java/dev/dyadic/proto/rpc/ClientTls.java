package dev.dyadic.proto.rpc;

import java.nio.file.Path;
import java.util.Optional;

/// How a client checks the server, and shows itself. The files are read anew when they change.
///
/// @param ca PEM: who may have signed the server's certificate; empty: those that the JDK knows
/// @param identity for mutual TLS
public record ClientTls(Optional<Path> ca, Optional<Identity> identity) {
    /// @param certificate PEM
    /// @param key PEM, PKCS #8, not encrypted
    public record Identity(Path certificate, Path key) {}
}
