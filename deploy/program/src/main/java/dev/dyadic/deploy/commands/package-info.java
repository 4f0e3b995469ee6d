/// The program: its commands, in rooms by what they are for, and what they share. docs/how-to/add-a-command.md says how
/// to add one.
@NullMarked
package dev.dyadic.deploy.commands;

import org.jspecify.annotations.NullMarked;
