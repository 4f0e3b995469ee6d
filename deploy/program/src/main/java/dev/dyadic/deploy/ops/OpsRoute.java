package dev.dyadic.deploy.ops;

import java.util.function.Supplier;

/// How an answer is made.
sealed interface OpsRoute {
    /// It is there.
    record Ready(OpsAnswer answer) implements OpsRoute {}

    /// It takes a moment, and is never behind [Work].
    record Health(Supplier<OpsAnswer> answer) implements OpsRoute {}

    /// It takes time, and is large: only few are made, or are unread, at a time.
    record Work(Supplier<OpsAnswer> answer) implements OpsRoute {}
}
