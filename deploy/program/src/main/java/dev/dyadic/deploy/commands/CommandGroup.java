package dev.dyadic.deploy.commands;

import java.util.List;

/// Commands that `dyadic --help` lists together. The program finds groups of other modules with
/// [java.util.ServiceLoader], so it does not depend on the modules that bring them, and runs without them.
public interface CommandGroup {
    /// Heading in the help text, without a colon.
    String title();

    /// Objects with picocli's annotation `Command`, in the order in which help lists them.
    List<Object> commands();
}
