package dev.dyadic.deploy.doctor;

/// What was found of one thing.
///
/// @param fix what to do; empty where nothing is to be done
public record Finding(String what, State state, String found, String fix) {
    public enum State {
        ok,
        warning,
        failure
    }

    public static Finding ok(String what, String found) {
        return new Finding(what, State.ok, found, "");
    }

    static Finding warning(String what, String found, String fix) {
        return new Finding(what, State.warning, found, fix);
    }

    public static Finding failure(String what, String found, String fix) {
        return new Finding(what, State.failure, found, fix);
    }
}
