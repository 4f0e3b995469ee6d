/// What makes a document, whatever format it comes in.
@NullMarked
package dev.dyadic.ingest.document;

import org.jspecify.annotations.NullMarked;
