package dev.dyadic.proto.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tokens that an identity provider signs.
final class JwtTest {
    private static final String ISSUER = "https://issuer.example";
    private static final String AUDIENCE = "dyadic";

    @TempDir
    private Path directory;

    private ECKey key = generate();
    private Optional<JwtVerifier> verifier = Optional.empty();

    @BeforeEach
    void publishKeys() throws IOException {
        Path file = Files.writeString(
                directory.resolve("jwks.json"), new JWKSet(key).toPublicJWKSet().toString());
        verifier = Optional.of(new JwtVerifier(
                new AccessSettings.Jwt(file.toUri(), ISSUER, AUDIENCE, AccessSettings.DEFAULT_ROLES_CLAIM)));
    }

    @Test
    void aGoodTokenNamesItsCallerAndItsRoles() throws JOSEException {
        String token = signed(good().claim("dyadic_roles", List.of("read", "train", "role-of-another-service")), key);

        assertThat(verify(token)).contains(new Caller("trainer-1", Set.of(Role.READ, Role.TRAIN)));
    }

    @Test
    void rolesMayBeATextAndNoneAreNone() throws JOSEException {
        assertThat(verify(signed(good().claim("dyadic_roles", "read admin"), key)))
                .contains(new Caller("trainer-1", Set.of(Role.READ, Role.ADMIN)));
        assertThat(verify(signed(good(), key))).contains(new Caller("trainer-1", Set.of()));
    }

    @Test
    void whatIsNotExactlyGoodIsRefused() throws JOSEException {
        Date past = Date.from(Instant.now().minusSeconds(120));
        assertThat(verify(signed(good().expirationTime(past), key))).isEmpty();
        assertThat(verify(signed(good().expirationTime(null), key))).isEmpty();
        assertThat(verify(signed(good().notBeforeTime(Date.from(Instant.now().plusSeconds(600))), key)))
                .isEmpty();
        assertThat(verify(signed(good().audience("another service"), key))).isEmpty();
        assertThat(verify(signed(good().issuer("https://other.example"), key))).isEmpty();
        assertThat(verify(signed(good().subject(null), key))).isEmpty();
        assertThat(verify(signed(good(), generate()))).isEmpty();
        assertThat(verify(new PlainJWT(good().build()).serialize())).isEmpty();
        assertThat(verify("no token at all")).isEmpty();
        String token = signed(good(), key);
        assertThat(verify(token.substring(0, token.length() - 4) + "AAAA")).isEmpty();
    }

    @Test
    void aTokenSignedWithThePublicKeyAsASecretIsRefused() throws JOSEException {
        SignedJWT jwt = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.HS256).keyID(key.getKeyID()).build(), good().build());
        jwt.sign(new MACSigner(key.toPublicJWK().toJSONString()));

        assertThat(verify(jwt.serialize())).isEmpty();
    }

    @Test
    void aKeySetHasToBeAFileOrComeByHttps() {
        assertThatThrownBy(() -> new AccessSettings.Jwt(URI.create("http://keys.example"), ISSUER, AUDIENCE, "roles"))
                .hasMessage("auth-jwks must be a file or an https address, but was http://keys.example");
        assertThatThrownBy(() -> new AccessSettings.Jwt(URI.create("https://keys.example"), "", AUDIENCE, "roles"))
                .hasMessageContaining("auth-jwks needs auth-issuer and auth-audience too");
    }

    private Optional<Caller> verify(String token) {
        return verifier.orElseThrow().verify(token);
    }

    private static JWTClaimsSet.Builder good() {
        return new JWTClaimsSet.Builder()
                .issuer(ISSUER)
                .audience(AUDIENCE)
                .subject("trainer-1")
                .expirationTime(Date.from(Instant.now().plusSeconds(600)));
    }

    private static String signed(JWTClaimsSet.Builder claims, ECKey by) throws JOSEException {
        SignedJWT jwt = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(by.getKeyID()).build(), claims.build());
        JWSSigner signer = new ECDSASigner(by);
        jwt.sign(signer);
        return jwt.serialize();
    }

    private static ECKey generate() {
        try {
            return new ECKeyGenerator(Curve.P_256).keyID("one").generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }
}
