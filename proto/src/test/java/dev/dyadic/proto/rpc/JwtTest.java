package dev.dyadic.proto.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
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
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
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

    private ECKey key = generate("one");
    private Optional<JwtVerifier> verifier = Optional.empty();

    @BeforeEach
    void publishKeys() throws IOException {
        Path file = Files.writeString(
                directory.resolve("jwks.json"), new JWKSet(key).toPublicJWKSet().toString());
        verifier = Optional.of(new JwtVerifier(
                new AccessSettings.Jwt(
                        file.toUri(), ISSUER, AUDIENCE, AccessSettings.DEFAULT_ROLES_CLAIM, Optional.empty()),
                InstantSource.system()));
    }

    @Test
    void aGoodTokenNamesItsCallerItsRolesAndItsEnd() throws JOSEException {
        Date end = Date.from(Instant.ofEpochSecond(Instant.now().getEpochSecond() + 600));
        String token = signed(
                good().expirationTime(end).claim("dyadic_roles", List.of("read", "train", "role-of-another-service")),
                key);

        assertThat(verify(token))
                .isEqualTo(new Verdict.Known(
                        new Caller("trainer-1", Set.of(Role.READ, Role.TRAIN)),
                        Optional.of(end.toInstant().plus(JwtVerifier.LEEWAY))));
    }

    @Test
    void rolesMayBeATextAndNoneAreNone() throws JOSEException {
        assertThat(caller(signed(good().claim("dyadic_roles", "read admin"), key)))
                .isEqualTo(new Caller("trainer-1", Set.of(Role.READ, Role.ADMIN)));
        assertThat(caller(signed(good(), key))).isEqualTo(new Caller("trainer-1", Set.of()));
    }

    @Test
    void accessTokensOfRfc9068AreTaken() throws JOSEException {
        for (String type : List.of("at+jwt", "AT+JWT", "application/at+jwt", "JWT")) {
            assertThat(caller(typed(type)).name()).isEqualTo("trainer-1");
        }
        assertThat(verify(typed("logout+jwt"))).isEqualTo(refused(Verdict.Reason.TYPE));
    }

    @Test
    void whatIsNotExactlyGoodIsRefusedWithItsReason() throws JOSEException {
        Date past = Date.from(Instant.now().minusSeconds(120));
        Date future = Date.from(Instant.now().plusSeconds(600));
        assertThat(verify(signed(good().expirationTime(past), key))).isEqualTo(refused(Verdict.Reason.EXPIRED));
        assertThat(verify(signed(good().expirationTime(null), key))).isEqualTo(refused(Verdict.Reason.CLAIMS));
        assertThat(verify(signed(good().notBeforeTime(future), key))).isEqualTo(refused(Verdict.Reason.NOT_YET_VALID));
        assertThat(verify(signed(good().audience("another service"), key))).isEqualTo(refused(Verdict.Reason.AUDIENCE));
        assertThat(verify(signed(good().issuer("https://other.example"), key)))
                .isEqualTo(refused(Verdict.Reason.ISSUER));
        for (String subject : new String[] {null, "", "  "}) {
            assertThat(verify(signed(good().subject(subject), key))).isEqualTo(refused(Verdict.Reason.CLAIMS));
        }
        assertThat(verify(signed(good(), generate("one")))).isEqualTo(refused(Verdict.Reason.SIGNATURE));
        assertThat(verify(signed(good(), generate("another")))).isEqualTo(refused(Verdict.Reason.KEY));
        assertThat(verify(new PlainJWT(good().build()).serialize())).isEqualTo(refused(Verdict.Reason.ALGORITHM));
        assertThat(verify("no token at all")).isEqualTo(refused(Verdict.Reason.MALFORMED));
        String token = signed(good(), key);
        assertThat(verify(token.substring(0, token.length() - 4) + "AAAA"))
                .isEqualTo(refused(Verdict.Reason.SIGNATURE));
    }

    @Test
    void aTokenSignedWithThePublicKeyAsASecretIsRefused() throws JOSEException {
        SignedJWT jwt = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.HS256).keyID(key.getKeyID()).build(), good().build());
        jwt.sign(new MACSigner(key.toPublicJWK().toJSONString()));

        assertThat(verify(jwt.serialize())).isEqualTo(refused(Verdict.Reason.ALGORITHM));
    }

    @Test
    void aKeySetMayComeFromAServerThatAPrivateAuthorityVouchesFor() throws Exception {
        Certificate certificate = Certificate.make(directory, "server");
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(certificate.context()));
        server.createContext("/keys", exchange -> {
            byte[] keys = new JWKSet(key).toPublicJWKSet().toString().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, keys.length);
            exchange.getResponseBody().write(keys);
            exchange.close();
        });
        server.start();
        try {
            URI keys = URI.create("https://127.0.0.1:" + server.getAddress().getPort() + "/keys");
            String token = signed(good(), key);

            assertThat(verifier(keys, Optional.of(certificate.certificate())).verify(token))
                    .isInstanceOf(Verdict.Known.class);
            assertThat(verifier(keys, Optional.empty()).verify(token))
                    .isEqualTo(refused(Verdict.Reason.KEYS_UNAVAILABLE));
        } finally {
            server.stop(0);
        }
    }

    /// Open calls go on then, so it must not pass for a key that the set does not have.
    @Test
    void aKeySetThatCannotBeHadIsToldAsThatHoweverOftenItIsAskedFor() throws JOSEException {
        JwtVerifier dead = verifier(URI.create("https://127.0.0.1:1/keys"), Optional.empty());
        String token = signed(good(), key);

        for (int i = 0; i < 6; i++) {
            assertThat(dead.verify(token)).isEqualTo(refused(Verdict.Reason.KEYS_UNAVAILABLE));
        }
    }

    private static JwtVerifier verifier(URI keys, Optional<Path> ca) {
        return new JwtVerifier(
                new AccessSettings.Jwt(keys, ISSUER, AUDIENCE, AccessSettings.DEFAULT_ROLES_CLAIM, ca),
                InstantSource.system());
    }

    @Test
    void aKeySetHasToBeAFileOrComeByHttps() {
        assertThatThrownBy(() -> new AccessSettings.Jwt(
                        URI.create("http://keys.example"), ISSUER, AUDIENCE, "roles", Optional.empty()))
                .hasMessage("auth-jwks must be a file or an https address, but was http://keys.example");
        assertThatThrownBy(() -> new AccessSettings.Jwt(
                        URI.create("https://keys.example"), "", AUDIENCE, "roles", Optional.empty()))
                .hasMessageContaining("auth-jwks needs auth-issuer and auth-audience too");
    }

    private Verdict verify(String token) {
        return verifier.orElseThrow().verify(token);
    }

    private Caller caller(String token) {
        return ((Verdict.Known) verify(token)).caller();
    }

    private static Verdict refused(Verdict.Reason reason) {
        return new Verdict.Refused(reason);
    }

    private String typed(String type) throws JOSEException {
        JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.ES256)
                .type(new JOSEObjectType(type))
                .keyID(key.getKeyID())
                .build();
        SignedJWT jwt = new SignedJWT(header, good().build());
        jwt.sign(new ECDSASigner(key));
        return jwt.serialize();
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

    private static ECKey generate(String id) {
        try {
            return new ECKeyGenerator(Curve.P_256).keyID(id).generate();
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
    }
}
