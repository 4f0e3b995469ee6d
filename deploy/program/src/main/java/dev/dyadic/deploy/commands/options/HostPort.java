package dev.dyadic.deploy.commands.options;

import dev.dyadic.proto.InvalidException;
/// An address to listen at.

public record HostPort(String host, int port) {
    public static final String LOOPBACK = "127.0.0.1";
    /// Any free port of loopback.
    public static final String ANY = "0";

    /// @param text HOST:PORT, or a port of loopback
    public static HostPort parse(String option, String text) {
        int colon = text.lastIndexOf(':');
        try {
            int port = Integer.parseInt(text.substring(colon + 1));
            String host = colon > 0 ? text.substring(0, colon) : LOOPBACK;
            return new HostPort(host.replace("[", "").replace("]", ""), port);
        } catch (NumberFormatException e) {
            throw new InvalidException(option + " must be HOST:PORT, but was " + text, e);
        }
    }
}
