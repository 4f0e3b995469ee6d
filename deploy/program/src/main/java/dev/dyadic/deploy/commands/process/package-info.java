/// What a command is as a process: exit codes, signals, logs.
@NullMarked
package dev.dyadic.deploy.commands.process;

import org.jspecify.annotations.NullMarked;
