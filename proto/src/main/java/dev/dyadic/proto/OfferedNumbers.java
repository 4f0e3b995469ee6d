package dev.dyadic.proto;

/// Numbers of tokens that messages offer in place of what came.
public final class OfferedNumbers {
    private static final String UNITS = "KMGT";

    private OfferedNumbers() {}

    /// `8192 (8Ki)`, as options of commands take it; `8200` where it is no multiple of 1,024.
    public static String text(long number) {
        long rest = number;
        int power = 0;
        while (power < UNITS.length() && rest != 0 && rest % 1024 == 0) {
            rest /= 1024;
            power++;
        }
        return power == 0 ? Long.toString(number) : number + " (" + rest + UNITS.charAt(power - 1) + "i)";
    }

    /// The multiple of `unit` that is nearest to a number, and at least `unit`.
    public static long nearestMultiple(long number, long unit) {
        return Math.max(1, Math.floorDiv(number + unit / 2, unit)) * unit;
    }

    /// The power of two that is nearest to a number, from 1 to 2^62.
    public static long nearestPower(long number) {
        if (number <= 1) {
            return 1;
        }
        long below = Long.highestOneBit(Math.min(number, 1L << 62));
        return number - below > below / 2 && below < 1L << 62 ? 2 * below : below;
    }
}
