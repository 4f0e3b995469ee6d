package dev.dyadic.deploy.commands.process;

import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.proto.InvalidException;
import java.io.Console;
import java.util.Optional;

/// Asks back before something is gone for good.
public final class Confirmation {
    private Confirmation() {}

    /// @param isGiven on the command line: nothing is asked
    /// @param what is going to be done
    /// @param word that has to be typed
    /// @throws InvalidException where it was not typed, or nobody can be asked
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
            throw new InvalidException("nothing was deleted");
        }
    }
}
