package dev.dyadic.proto.rpc;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWKSelector;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.jwk.source.RateLimitReachedException;
import com.nimbusds.jose.proc.BadJOSEException;
import com.nimbusds.jose.proc.BadJWSException;
import com.nimbusds.jose.proc.JWSVerificationKeySelector;
import com.nimbusds.jose.proc.SecurityContext;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.proc.DefaultJWTProcessor;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.rpc.Verdict.Reason;
import java.net.MalformedURLException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Date;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// JSON Web Tokens (RFC 7519), signed with a key of a key set; issuer, audience, subject and expiry are asked for. Only
/// asymmetric signatures: a key set is public. Access tokens as in RFC 9068 (`typ: at+jwt`) are taken too.
final class JwtVerifier implements TokenVerifier {
    private static final Logger LOG = LoggerFactory.getLogger(JwtVerifier.class);
    /// By which the clocks of the provider and of this machine may differ.
    static final Duration LEEWAY = Duration.ofSeconds(60);
    private static final int TIMEOUT_MILLIS = 2_000;
    private static final int MAX_KEY_SET_BYTES = 256 << 10;

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
    /// Without prefix, as RFC 7515 asks for, and with.
    private static final Set<JOSEObjectType> TYPES = Set.of(
            JOSEObjectType.JWT,
            new JOSEObjectType("at+jwt"),
            new JOSEObjectType("application/at+jwt"),
            new JOSEObjectType("application/jwt"));

    private final AccessSettings.Jwt settings;
    private final InstantSource clock;
    /// Whether the key set could be had when it was last asked for.
    private volatile boolean isSetThere;

    private final Rate warnings = new Rate(1, System.nanoTime());
    private final DefaultJWTProcessor<SecurityContext> processor = new DefaultJWTProcessor<>();

    JwtVerifier(AccessSettings.Jwt settings, InstantSource clock) {
        this.settings = settings;
        this.clock = clock;
        JWSVerificationKeySelector<SecurityContext> selector =
                new JWSVerificationKeySelector<>(ALGORITHMS, keys(settings));
        processor.setJWSTypeVerifier((type, _) -> require(type == null || TYPES.contains(type), Reason.TYPE));
        processor.setJWSKeySelector((header, context) -> select(selector, header, context));
        processor.setJWTClaimsSetVerifier((claims, _) -> check(claims));
    }

    /// Ends the work of Nimbus' processor where a check of ours refuses.
    private static final class RefusedException extends RuntimeException {
        private final Reason reason;

        RefusedException(Reason reason) {
            super(reason.text(), null, false, false);
            this.reason = reason;
        }
    }

    @Override
    public Verdict verify(String token) {
        try {
            JWTClaimsSet claims = processor.process(token, null);
            return new Verdict.Known(
                    new Caller(claims.getSubject(), roles(claims)),
                    Optional.of(claims.getExpirationTime().toInstant().plus(LEEWAY)));
        } catch (RefusedException e) {
            return new Verdict.Refused(e.reason);
        } catch (ParseException e) {
            return new Verdict.Refused(Reason.MALFORMED);
        } catch (BadJWSException e) {
            return new Verdict.Refused(Reason.SIGNATURE);
        } catch (BadJOSEException e) {
            return new Verdict.Refused(Reason.ALGORITHM);
        } catch (JOSEException e) {
            if (isLimited(e) && isSetThere) {
                // It was fetched a moment ago, and does not have the key.
                return new Verdict.Refused(Reason.KEY);
            }
            isSetThere = isSetThere && isLimited(e);
            if (warnings.take(System.nanoTime())) {
                LOG.warn("the key set cannot be had, jwks={} reason={}", settings.jwks(), e.getMessage());
            }
            return new Verdict.Refused(Reason.KEYS_UNAVAILABLE);
        }
    }

    private static boolean isLimited(Throwable failure) {
        return failure instanceof RateLimitReachedException
                || (failure.getCause() != null && isLimited(failure.getCause()));
    }

    private static void require(boolean holds, Reason otherwise) {
        if (!holds) {
            throw new RefusedException(otherwise);
        }
    }

    private List<? extends Key> select(
            JWSVerificationKeySelector<SecurityContext> selector, JWSHeader header, @Nullable SecurityContext context)
            throws KeySourceException {
        require(ALGORITHMS.contains(header.getAlgorithm()), Reason.ALGORITHM);
        List<Key> keys = selector.selectJWSKeys(header, context);
        isSetThere = true;
        require(!keys.isEmpty(), Reason.KEY);
        return keys;
    }

    private void check(JWTClaimsSet claims) {
        Instant now = clock.instant();
        Date expires = claims.getExpirationTime();
        Date notBefore = claims.getNotBeforeTime();
        require(expires != null, Reason.CLAIMS);
        require(now.isBefore(expires.toInstant().plus(LEEWAY)), Reason.EXPIRED);
        require(notBefore == null || !now.isBefore(notBefore.toInstant().minus(LEEWAY)), Reason.NOT_YET_VALID);
        require(settings.issuer().equals(claims.getIssuer()), Reason.ISSUER);
        require(claims.getAudience().contains(settings.audience()), Reason.AUDIENCE);
        require(claims.getSubject() != null && !claims.getSubject().isBlank(), Reason.CLAIMS);
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
            return JWKSourceBuilder.<SecurityContext>create(
                            settings.jwks().toURL(),
                            new DefaultResourceRetriever(
                                    TIMEOUT_MILLIS,
                                    TIMEOUT_MILLIS,
                                    MAX_KEY_SET_BYTES,
                                    true,
                                    settings.ca().map(JwtVerifier::trusting).orElse(null)))
                    .retrying(true)
                    .outageTolerant(true)
                    .build();
        } catch (MalformedURLException | IllegalArgumentException e) {
            throw new InvalidException("auth-jwks must be a file or an address, but was " + settings.jwks(), e);
        }
    }

    private static SSLSocketFactory trusting(Path ca) {
        try (Pem pem = new Pem()) {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {pem.trust(ca)}, null);
            return context.getSocketFactory();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has TLS", e);
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
