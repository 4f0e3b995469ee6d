package dev.dyadic.proto.rpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.micrometer.core.instrument.MeterRegistry;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/// Lets a call through where its caller is known and has the method's role. A bearer token goes before a certificate.
final class AccessInterceptor implements ServerInterceptor {
    static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final String BEARER = "bearer ";

    private final Optional<AccessFile> accessFile;
    private final Optional<JwtVerifier> jwt;
    private final MeterRegistry meters;

    AccessInterceptor(AccessSettings settings, MeterRegistry meters) {
        this.accessFile = settings.accessFile().map(AccessFile::new);
        this.jwt = settings.jwt().map(JwtVerifier::new);
        this.meters = meters;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        String method = call.getMethodDescriptor().getFullMethodName();
        if (MethodRoles.isOpen(method)) {
            return next.startCall(call, headers);
        }
        Optional<Caller> caller = caller(headers, call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
        if (caller.isEmpty()) {
            return deny(
                    call,
                    method,
                    Status.UNAUTHENTICATED.withDescription(
                            "a known caller is needed: send 'authorization: Bearer TOKEN' (dyadic: --token-file), or"
                                    + " use a client certificate that the server knows"));
        }
        Optional<Role> role = MethodRoles.of(method);
        if (role.isEmpty() || !caller.get().may(role.get())) {
            return deny(
                    call,
                    method,
                    Status.PERMISSION_DENIED.withDescription(caller.get().name() + " may not call " + method + ": "
                            + role.map(needed -> "it needs the role " + needed.text())
                                    .orElse("nobody may")));
        }
        Context context = Context.current().withValue(Caller.KEY, caller.get());
        return Contexts.interceptCall(context, call, headers, next);
    }

    private Optional<Caller> caller(Metadata headers, @Nullable SSLSession session) {
        String authorization = headers.get(AUTHORIZATION);
        if (authorization != null) {
            // A wrong token is not made good by a certificate.
            if (!authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
                return Optional.empty();
            }
            String token = authorization.substring(BEARER.length()).strip();
            return accessFile
                    .flatMap(file -> file.verify(token))
                    .or(() -> jwt.flatMap(verifier -> verifier.verify(token)));
        }
        return session == null
                ? Optional.empty()
                : commonName(session).flatMap(name -> accessFile.flatMap(file -> file.certificate(name)));
    }

    private static Optional<String> commonName(SSLSession session) {
        try {
            Certificate[] chain = session.getPeerCertificates();
            if (chain.length > 0 && chain[0] instanceof X509Certificate certificate) {
                LdapName name =
                        new LdapName(certificate.getSubjectX500Principal().getName());
                return name.getRdns().stream()
                        .filter(rdn -> rdn.getType().equalsIgnoreCase("CN"))
                        .map(Rdn::getValue)
                        .map(String::valueOf)
                        .findFirst();
            }
        } catch (SSLPeerUnverifiedException e) {
            return Optional.empty();
        } catch (InvalidNameException e) {
            throw new IllegalStateException("a certificate has a subject that is not a name", e);
        }
        return Optional.empty();
    }

    private <Q, A> ServerCall.Listener<Q> deny(ServerCall<Q, A> call, String method, Status status) {
        // Names of methods that do not exist come from outside.
        String known = MethodRoles.of(method).isPresent() ? method : "other";
        meters.counter(
                        "dyadic.grpc.denied",
                        "method",
                        known,
                        "status",
                        status.getCode().name())
                .increment();
        call.close(status, new Metadata());
        return new ServerCall.Listener<>() {};
    }
}
