/// Domain values, codecs and topic names that every part of Dyadic shares.
@NullMarked
package dev.dyadic.proto;

import org.jspecify.annotations.NullMarked;
