package dev.dyadic.deploy.commands.print;

import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.InvalidException;
import java.io.Console;
import java.util.Optional;

/// Asks back before something is gone for good.
public final class Confirmation {
    private Confirmation() {}

    /// @param isGiven on the command line: nothing is asked
    /// @param what is going to be done
    /// @param word that has to be typed
    /// @throws DyadicException where it was not typed, or nobody can be asked
    public static void require(Output output, boolean isGiven, String what, String word) {
        if (isGiven) {
            return;
        }
        Console console = Optional.ofNullable(System.console())
                .filter(Console::isTerminal)
                .orElseThrow(() -> new InvalidException(what + " There is nobody to ask: give --yes"));
        output.note("%s", what);
        String typed = console.readLine("Type %s to go on: ", word);
        if (typed == null || !typed.strip().equals(word)) {
            throw new DyadicException(DyadicException.Kind.NOT_READY, "nothing was done: " + word + " was not typed");
        }
    }
}
