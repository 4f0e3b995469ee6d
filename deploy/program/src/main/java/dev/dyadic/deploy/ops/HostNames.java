package dev.dyadic.deploy.ops;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The names that a server may be asked by. A page of somebody else can make a browser ask under its own name, for
/// which
/// it has another address ready (DNS rebinding); it cannot do so by an address, nor by a name that is not its own.
final class HostNames {
    private final Set<String> names = new HashSet<>();

    /// @param host that the server listens at
    /// @param others by option
    HostNames(String host, Set<String> others) {
        names.add("localhost");
        names.add(lower(host));
        others.forEach(name -> names.add(lower(name)));
        try {
            names.add(lower(InetAddress.getLocalHost().getHostName()));
            names.add(lower(InetAddress.getLocalHost().getCanonicalHostName()));
        } catch (UnknownHostException e) {
            // A machine that does not know its own name is not asked by it.
        }
    }

    /// @param header of a request, `NAME` or `NAME:PORT`; HTTP/1.0 has none, and browsers always send one
    boolean allow(@Nullable String header) {
        if (header == null) {
            return true;
        }
        String name = lower(header.replaceFirst(":\\d*$", ""));
        boolean isAddress = name.startsWith("[") ? NetUtil.isValidIpV6Address(name) : NetUtil.isValidIpV4Address(name);
        return isAddress || names.contains(name) || name.endsWith(".localhost");
    }

    private static String lower(String name) {
        return name.toLowerCase(Locale.ROOT);
    }
}
