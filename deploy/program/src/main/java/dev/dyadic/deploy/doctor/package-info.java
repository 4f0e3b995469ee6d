/// Looks whether everything is as it has to be, and says what to do where it is not.
@NullMarked
package dev.dyadic.deploy.doctor;

import org.jspecify.annotations.NullMarked;
