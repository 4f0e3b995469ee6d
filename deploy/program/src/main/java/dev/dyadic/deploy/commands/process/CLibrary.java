package dev.dyadic.deploy.commands.process;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.OptionalInt;

/// Calls of the system's C library that Java has none for.
final class CLibrary {
    private CLibrary() {}

    /// Calls a function that takes a number.
    ///
    /// @return what it returns; empty where the system has no such function
    @SuppressWarnings("restricted") // calls the C library
    static OptionalInt call(String name, int argument) {
        Linker linker = Linker.nativeLinker();
        return linker.defaultLookup()
                .find(name)
                .map(address -> {
                    MethodHandle function = linker.downcallHandle(
                            address, FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
                    try {
                        return OptionalInt.of((int) function.invokeExact(argument));
                    } catch (RuntimeException | Error e) {
                        throw e;
                    } catch (Throwable e) {
                        throw new IllegalStateException("a call into the system's C library failed", e);
                    }
                })
                .orElseGet(OptionalInt::empty);
    }

    /// Ends the process without anything else: no shutdown hook runs, and no library tidies up, which crashes where
    /// another thread is inside it.
    static void exitAtOnce(int code) {
        call("_exit", code);
        Runtime.getRuntime().halt(code);
    }
}
