package dev.dyadic.proto.rpc;

import io.grpc.Context;
import java.util.EnumSet;
import java.util.Set;

/// Who calls, and what they may do.
///
/// @param name from the token file, the token's subject, or the certificate
public record Caller(String name, Set<Role> roles) {
    /// The caller where authentication is off: it has every role.
    public static final Caller ANYBODY = new Caller("anybody", EnumSet.allOf(Role.class));

    static final Context.Key<Caller> KEY = Context.keyWithDefault("dyadic-caller", ANYBODY);

    public Caller {
        roles = Set.copyOf(roles);
    }

    /// The caller of the gRPC call that is being answered.
    public static Caller current() {
        return KEY.get();
    }

    /// What the current call's share of this service is counted by: the caller's name, or where callers are not known,
    /// the address that it comes from.
    public static String account() {
        Caller caller = current();
        return caller.equals(ANYBODY) ? Peer.current().host() : caller.name();
    }

    public boolean may(Role role) {
        return roles.contains(role);
    }
}
