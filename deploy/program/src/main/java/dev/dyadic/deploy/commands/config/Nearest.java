package dev.dyadic.deploy.commands.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/// Of some names, the one that somebody meant who wrote another: with the least edits (letters that are put in, taken
/// out, changed, or swapped with the next), if those are few.
public final class Nearest {
    private Nearest() {}

    public static Optional<String> of(String written, Collection<String> names) {
        int most = Math.max(2, written.length() / 3);
        return names.stream()
                .filter(name -> !name.isEmpty() && !name.equals(written))
                .filter(name -> edits(written, name) <= most || begins(written, name))
                .min(Comparator.comparingInt((String name) -> edits(written, name))
                        .thenComparing(Comparator.naturalOrder()));
    }

    /// `; did you mean 'NAME'?`, or nothing.
    public static String question(String written, Collection<String> names) {
        return of(written, names).map(name -> "; did you mean '" + name + "'?").orElse("");
    }

    /// Somebody may have thought that the beginning of a name is enough.
    private static boolean begins(String written, String name) {
        return written.length() >= 4 && name.startsWith(written);
    }

    static int edits(String from, String to) {
        int[] beforeLast = new int[to.length() + 1];
        int[] last = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            last[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int[] row = new int[to.length() + 1];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int change = from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1;
                row[j] = Math.min(Math.min(row[j - 1], last[j]) + 1, last[j - 1] + change);
                if (i > 1
                        && j > 1
                        && from.charAt(i - 1) == to.charAt(j - 2)
                        && from.charAt(i - 2) == to.charAt(j - 1)) {
                    row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
                }
            }
            beforeLast = last;
            last = row;
        }
        return last[to.length()];
    }
}
