/// Commands that look: counts, audits, where rows come from, how a curriculum is dealt.
@NullMarked
package dev.dyadic.deploy.commands.look;

import org.jspecify.annotations.NullMarked;
