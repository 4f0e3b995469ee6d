/// Commands that run a service, or all of them, and those that make and fill a corpus.
@NullMarked
package dev.dyadic.deploy.commands.service;

import org.jspecify.annotations.NullMarked;
