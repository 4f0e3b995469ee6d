/// Records of our topics as people and scripts read them.
@NullMarked
package dev.dyadic.deploy.records;

import org.jspecify.annotations.NullMarked;
