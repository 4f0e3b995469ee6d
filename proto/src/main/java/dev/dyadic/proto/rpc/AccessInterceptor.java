package dev.dyadic.proto.rpc;

import dev.dyadic.proto.rpc.Verdict.Reason;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.security.cert.Certificate;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Date;
import java.util.Optional;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/// Lets a call through where its caller is known and has the method's role; [OpenCalls] ends it where that is so no
/// longer. A bearer token goes before a certificate.
final class AccessInterceptor implements ServerInterceptor, AutoCloseable {
    static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final String BEARER = "bearer ";
    private final Optional<AccessFile> accessFile;
    private final Optional<JwtVerifier> jwt;
    private final AuditLog audit;
    private final InstantSource clock;
    private final OpenCalls open;

    AccessInterceptor(AccessSettings settings, AuditLog audit, InstantSource clock) {
        this.accessFile = settings.accessFile().map(AccessFile::new);
        this.jwt = settings.jwt().map(jwt -> new JwtVerifier(jwt, clock));
        this.audit = audit;
        this.clock = clock;
        this.open = new OpenCalls(this::verdict, audit, clock);
    }

    @Override
    public void close() {
        open.close();
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        String method = call.getMethodDescriptor().getFullMethodName();
        if (MethodRoles.isOpen(method)) {
            return next.startCall(call, headers);
        }
        Shown shown = new Shown(
                headers.get(AUTHORIZATION), certificate(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION)));
        return switch (verdict(shown)) {
            case Verdict.Refused(Reason reason) -> {
                audit.denied("-", Peer.current(), method, Status.Code.UNAUTHENTICATED, reason.text());
                yield deny(
                        call,
                        Status.UNAUTHENTICATED.withDescription(
                                "a known caller is needed: send 'authorization: Bearer TOKEN' (dyadic: --token-file), or"
                                        + " use a client certificate that the server knows"));
            }
            case Verdict.Known known -> enter(call, headers, next, shown, known);
        };
    }

    private <Q, A> ServerCall.Listener<Q> enter(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next, Shown shown, Verdict.Known known) {
        Caller caller = known.caller();
        String method = call.getMethodDescriptor().getFullMethodName();
        Optional<Role> role = MethodRoles.of(method);
        if (role.isEmpty() || !caller.may(role.get())) {
            audit.denied(
                    caller.name(),
                    Peer.current(),
                    method,
                    Status.Code.PERMISSION_DENIED,
                    role.isEmpty() ? AuditLog.NO_RULE : AuditLog.ROLE);
            return deny(
                    call,
                    Status.PERMISSION_DENIED.withDescription(caller.name() + " may not call " + method + ": "
                            + role.map(needed -> "it needs the role " + needed.text())
                                    .orElse("nobody may")));
        }
        OpenCalls.OpenCall opened =
                new OpenCalls.OpenCall(GuardedCall.KEY.get(), shown, known, role.get(), method, Peer.current());
        open.enter(opened);
        Context context = Context.current().withValue(Caller.KEY, caller);
        ServerCall.Listener<Q> listener;
        try {
            listener = Contexts.interceptCall(context, call, headers, next);
        } catch (RuntimeException e) {
            open.leave(opened);
            throw e;
        }
        return new SimpleForwardingServerCallListener<>(listener) {
            @Override
            public void onComplete() {
                open.leave(opened);
                super.onComplete();
            }

            @Override
            public void onCancel() {
                open.leave(opened);
                super.onCancel();
            }
        };
    }

    private Verdict verdict(Shown shown) {
        String authorization = shown.authorization();
        if (authorization != null) {
            // A wrong token is not made good by a certificate.
            return authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
                    ? verdict(authorization.substring(BEARER.length()).strip())
                    : new Verdict.Refused(Reason.SCHEME);
        }
        return shown.certificate() == null ? new Verdict.Refused(Reason.NO_CREDENTIAL) : verdict(shown.certificate());
    }

    private Verdict verdict(String token) {
        Verdict ofFile = accessFile.map(file -> file.verify(token)).orElse(new Verdict.Refused(Reason.UNKNOWN_TOKEN));
        return ofFile instanceof Verdict.Refused && jwt.isPresent() ? jwt.get().verify(token) : ofFile;
    }

    private Verdict verdict(X509Certificate certificate) {
        try {
            certificate.checkValidity(Date.from(clock.instant()));
        } catch (CertificateExpiredException e) {
            return new Verdict.Refused(Reason.EXPIRED);
        } catch (CertificateNotYetValidException e) {
            return new Verdict.Refused(Reason.NOT_YET_VALID);
        }
        return commonName(certificate)
                .flatMap(name -> accessFile.map(file -> file.certificate(name)))
                .orElse(new Verdict.Refused(Reason.UNKNOWN_CERTIFICATE));
    }

    private static @Nullable X509Certificate certificate(@Nullable SSLSession session) {
        try {
            Certificate[] chain = session == null ? new Certificate[0] : session.getPeerCertificates();
            return chain.length > 0 && chain[0] instanceof X509Certificate certificate ? certificate : null;
        } catch (SSLPeerUnverifiedException e) {
            return null;
        }
    }

    private static Optional<String> commonName(X509Certificate certificate) {
        try {
            LdapName name = new LdapName(certificate.getSubjectX500Principal().getName());
            return name.getRdns().stream()
                    .filter(rdn -> rdn.getType().equalsIgnoreCase("CN"))
                    .map(Rdn::getValue)
                    .map(String::valueOf)
                    .findFirst();
        } catch (InvalidNameException e) {
            throw new IllegalStateException("a certificate has a subject that is not a name", e);
        }
    }

    private static <Q, A> ServerCall.Listener<Q> deny(ServerCall<Q, A> call, Status status) {
        call.close(status, new Metadata());
        return new ServerCall.Listener<>() {};
    }
}
