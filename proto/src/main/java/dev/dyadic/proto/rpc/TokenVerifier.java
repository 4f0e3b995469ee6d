package dev.dyadic.proto.rpc;

import java.util.Optional;

/// Knows bearer tokens.
@FunctionalInterface
interface TokenVerifier {
    /// @return empty where the token is not known, not valid or no longer valid
    Optional<Caller> verify(String token);
}
