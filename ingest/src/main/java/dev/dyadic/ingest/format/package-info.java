/// The formats that documents come in: each is read as entries, one after the other.
@NullMarked
package dev.dyadic.ingest.format;

import org.jspecify.annotations.NullMarked;
