package dev.dyadic.proto.rpc;

import java.nio.file.Path;
import java.util.Optional;

/// What a server shows and asks for. The files are read anew when they change.
///
/// @param certificate PEM: the server's certificate, then those that lead to a root
/// @param key PEM, PKCS #8, not encrypted
/// @param clientCa PEM: where present, every client needs a certificate from one of these (mutual TLS)
public record ServerTls(Path certificate, Path key, Optional<Path> clientCa) {}
