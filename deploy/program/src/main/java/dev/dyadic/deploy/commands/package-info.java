/// The program: its commands, in rooms by what they are for, and what they share. CONTRIBUTING.md says how
/// to add one.
@NullMarked
package dev.dyadic.deploy.commands;

import org.jspecify.annotations.NullMarked;
