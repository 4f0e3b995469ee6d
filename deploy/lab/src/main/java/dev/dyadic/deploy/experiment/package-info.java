/// The paper's comparison: the same model on the same text, concatenated and chunked, or decomposed.
@NullMarked
package dev.dyadic.deploy.experiment;

import org.jspecify.annotations.NullMarked;
