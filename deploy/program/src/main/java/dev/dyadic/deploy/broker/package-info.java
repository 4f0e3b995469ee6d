/// A real Kafka broker inside this process.
@NullMarked
package dev.dyadic.deploy.broker;

import org.jspecify.annotations.NullMarked;
