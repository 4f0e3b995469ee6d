/// How services listen and clients connect: TLS, who may call what, and what one client may cause.
@NullMarked
package dev.dyadic.proto.rpc;

import org.jspecify.annotations.NullMarked;
