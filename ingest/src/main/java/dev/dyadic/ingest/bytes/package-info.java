/// Where the bytes of an input come from: files and streams, unpacked, in UTF-8.
@NullMarked
package dev.dyadic.ingest.bytes;

import org.jspecify.annotations.NullMarked;
