package dev.dyadic.deploy.commands.options;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

/// Numbers and times as options take them: `8Ki` is 8,192, `10M` is 10,000,000, `20s` is twenty seconds. Used for every
/// option whose type is a whole number or a [Duration].
public final class Amounts {
    private static final Pattern COUNT = Pattern.compile("([+-]?[0-9][0-9_]*(?:\\.[0-9]+)?)([kKMGT]i?)?B?");
    private static final Pattern TIME = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)(ms|s|m|min|h|d)?");
    private static final Map<Character, Integer> POWERS = Map.of('k', 1, 'K', 1, 'M', 2, 'G', 3, 'T', 4);
    private static final Map<String, Long> MILLIS =
            Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "min", 60_000L, "h", 3_600_000L, "d", 86_400_000L);
    /// A longer time without a unit was probably meant in milliseconds.
    private static final long LONGEST_BARE_SECONDS = 3_600;

    private Amounts() {}

    /// A program, and all its commands, read their options so.
    public static CommandLine registerOn(CommandLine program) {
        return program.registerConverter(long.class, Amounts::count)
                .registerConverter(Long.class, Amounts::count)
                .registerConverter(int.class, Amounts::smallCount)
                .registerConverter(Integer.class, Amounts::smallCount)
                .registerConverter(Duration.class, Amounts::time);
    }

    /// A whole number: with k, M, G or T in thousands, with Ki, Mi, Gi or Ti in powers of 1,024. A `B` for bytes may
    /// follow, and `_` may stand between digits.
    public static long count(String text) {
        Matcher matcher = COUNT.matcher(text);
        if (!matcher.matches()) {
            throw new TypeConversionException(
                    "'" + text + "' is not a whole number, such as 8192, 8Ki (1,024 each) or 10M (1,000,000 each)");
        }
        BigDecimal number = new BigDecimal(matcher.group(1).replace("_", ""));
        BigDecimal unit =
                Optional.ofNullable(matcher.group(2)).map(Amounts::unit).orElse(BigDecimal.ONE);
        try {
            return number.multiply(unit).longValueExact();
        } catch (ArithmeticException e) {
            throw new TypeConversionException("'" + text + "' is not a whole number of 64 bits");
        }
    }

    public static int smallCount(String text) {
        long count = count(text);
        if (count != (int) count) {
            throw new TypeConversionException("'" + text + "' is more than this option can have: " + Integer.MAX_VALUE);
        }
        return (int) count;
    }

    /// A time of at least 0: `500ms`, `20s`, `5m`, `2h` or `1d`; a bare number is in seconds.
    public static Duration time(String text) {
        Matcher matcher = TIME.matcher(text);
        if (!matcher.matches()) {
            throw new TypeConversionException("'" + text + "' is not a time, such as 500ms, 20s, 5m, 2h or 1d");
        }
        BigDecimal number = new BigDecimal(matcher.group(1));
        String unit = matcher.group(2);
        if (unit == null && number.compareTo(BigDecimal.valueOf(LONGEST_BARE_SECONDS)) > 0) {
            throw new TypeConversionException("'" + text + "' is more than an hour, as a bare number is in seconds;"
                    + " give it a unit, such as " + text + "ms or " + text + "s");
        }
        BigDecimal millis = number.multiply(BigDecimal.valueOf(MILLIS.getOrDefault(unit == null ? "s" : unit, 1_000L)));
        try {
            return Duration.ofMillis(millis.longValueExact());
        } catch (ArithmeticException e) {
            throw new TypeConversionException("'" + text + "' is not a whole number of milliseconds of 64 bits");
        }
    }

    /// A text that [#time] reads as this.
    public static String text(Duration time) {
        long millis = time.toMillis();
        if (millis % 1_000 != 0) {
            return millis + "ms";
        }
        long seconds = millis / 1_000;
        return seconds % 60 == 0 && seconds > 0 ? seconds / 60 + "m" : seconds + "s";
    }

    private static BigDecimal unit(String name) {
        int base = name.length() == 2 ? 1_024 : 1_000;
        return BigDecimal.valueOf(base).pow(POWERS.getOrDefault(name.charAt(0), 0));
    }
}
