package dev.dyadic.proto.rpc;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTClaimsVerifier;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import dev.dyadic.proto.InvalidException;
import java.net.MalformedURLException;
import java.nio.file.Path;
import java.text.ParseException;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// JSON Web Tokens (RFC 7519), signed with a key of a key set; issuer, audience, subject and expiry are asked for. Only
/// asymmetric signatures: a key set is public.
final class JwtVerifier implements TokenVerifier {
    private static final Logger LOG = LoggerFactory.getLogger(JwtVerifier.class);
    private static final Set<JWSAlgorithm> ALGORITHMS = Set.of(
            JWSAlgorithm.RS256,
            JWSAlgorithm.RS384,
            JWSAlgorithm.RS512,
            JWSAlgorithm.PS256,
            JWSAlgorithm.PS384,
            JWSAlgorithm.PS512,
            JWSAlgorithm.ES256,
            JWSAlgorithm.ES384,
            JWSAlgorithm.ES512);
    private static final Set<String> REQUIRED_CLAIMS = Set.of("sub", "exp");

    private final AccessSettings.Jwt settings;
    private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();

    JwtVerifier(AccessSettings.Jwt settings) {
        this.settings = settings;
        processor.setJWSKeySelector(new JWSVerificationKeySelector<>(ALGORITHMS, keys(settings)));
        processor.setJWTClaimsSetVerifier(new DefaultJWTClaimsVerifier<>(
                settings.audience(),
                new JWTClaimsSet.Builder().issuer(settings.issuer()).build(),
                REQUIRED_CLAIMS));
    }

    @Override
    public Optional<Caller> verify(String token) {
        try {
            JWTClaimsSet claims = processor.process(token, null);
            return Optional.of(new Caller(claims.getSubject(), roles(claims)));
        } catch (ParseException | BadJOSEException e) {
            LOG.debug("token refused, reason={}", e.getMessage());
        } catch (JOSEException e) {
            LOG.warn("the key set cannot be had, jwks={} reason={}", settings.jwks(), e.getMessage());
        }
        return Optional.empty();
    }

    /// Roles of other services may stand in the same claim.
    private Set<Role> roles(JWTClaimsSet claims) throws ParseException {
        Object claim = claims.getClaim(settings.rolesClaim());
        List<String> texts = claim instanceof String text
                ? Role.words(text)
                : Objects.requireNonNullElse(claims.getStringListClaim(settings.rolesClaim()), List.of());
        Set<Role> roles = EnumSet.noneOf(Role.class);
        texts.stream().map(Role::of).flatMap(Optional::stream).forEach(roles::add);
        return roles;
    }

    private static JWKSource<SecurityContext> keys(AccessSettings.Jwt settings) {
        try {
            if (settings.jwks().getScheme().equals("file")) {
                FileWatch<JWKSet> file = new FileWatch<>(Path.of(settings.jwks()), JwtVerifier::parse);
                return (JWKSelector selector, SecurityContext _) -> selector.select(file.get());
            }
            return JWKSourceBuilder.<SecurityContext>create(settings.jwks().toURL())
                    .retrying(true)
                    .outageTolerant(true)
                    .build();
        } catch (MalformedURLException | IllegalArgumentException e) {
            throw new InvalidException("auth-jwks must be a file or an address, but was " + settings.jwks(), e);
        }
    }

    private static JWKSet parse(String text) {
        try {
            return JWKSet.parse(text).toPublicJWKSet();
        } catch (ParseException e) {
            throw new InvalidException("a JSON Web Key Set was expected: " + e.getMessage(), e);
        }
    }
}
