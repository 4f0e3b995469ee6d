package dev.dyadic.proto.rpc;

/// Knows bearer tokens.
@FunctionalInterface
interface TokenVerifier {
    Verdict verify(String token);
}
