package dev.dyadic.proto.rpc;

import dev.dyadic.proto.InvalidException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/// How callers show who they are. With neither, authentication is off.
///
/// @param accessFile tokens and certificates, with their roles: see [AccessFile]
/// @param jwt signed tokens of an identity provider
public record AccessSettings(Optional<Path> accessFile, Optional<Jwt> jwt) {
    public static final AccessSettings OFF = new AccessSettings(Optional.empty(), Optional.empty());
    public static final String DEFAULT_ROLES_CLAIM = "dyadic_roles";

    /// @param jwks a file, or an https address, of a JSON Web Key Set (RFC 7517)
    /// @param issuer that a token has to name
    /// @param audience that a token has to name
    /// @param rolesClaim which claim holds the roles: a list, or a text with blanks
    /// @param ca PEM: who may have signed the certificate of an https address; empty: those that the JDK knows
    public record Jwt(URI jwks, String issuer, String audience, String rolesClaim, Optional<Path> ca) {
        public Jwt {
            String scheme = String.valueOf(jwks.getScheme());
            if (!scheme.equals("file") && !scheme.equals("https")) {
                throw new InvalidException("auth-jwks must be a file or an https address, but was " + jwks);
            }
            if (issuer.isBlank() || audience.isBlank()) {
                throw new InvalidException(
                        "auth-jwks needs auth-issuer and auth-audience too, or tokens made for other services would"
                                + " be taken");
            }
        }
    }

    public boolean isOn() {
        return accessFile.isPresent() || jwt.isPresent();
    }
}
