/// What an operator looks at: health, readiness, version, metrics and the live page, over HTTP at one port; and how
/// logs are written.
@NullMarked
package dev.dyadic.deploy.ops;

import org.jspecify.annotations.NullMarked;
