/// What the topics of a corpus hold, read whole: for statistics and audits.
@NullMarked
package dev.dyadic.deploy.history;

import org.jspecify.annotations.NullMarked;
