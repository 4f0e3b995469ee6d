/// Recomputes the Laws from the topics and the ledger alone.
@NullMarked
package dev.dyadic.deploy.audit;

import org.jspecify.annotations.NullMarked;
