package dev.dyadic.ingest.document;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.chrono.IsoChronology;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.TemporalAccessor;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/// Times as people write them, in milliseconds since 1970 UTC.
///
/// Numbers are milliseconds, or seconds where they are so small that milliseconds would lie before March 1973.
/// Texts are numbers, dates of HTTP (RFC 1123), or ISO 8601 dates: with a time or without, with a zone or without (then
/// UTC), with a space for the T.
public final class EventTimes {
    public static final String EXPECTED =
            "a number of milliseconds or seconds since 1970, an ISO 8601 date or time, or a date of HTTP";

    private static final String PLAIN_UTC = "0000-00-00T00:00:00Z";
    private static final long SECONDS_PER_DAY = 86_400;
    private static final double LEAST_MILLIS = 1e11;
    private static final double MILLIS_PER_SECOND = 1000;
    private static final DateTimeFormatter ISO = new DateTimeFormatterBuilder()
            .parseCaseInsensitive()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .optionalStart()
            .appendPattern("['T'][' ']")
            .append(DateTimeFormatter.ISO_LOCAL_TIME)
            .appendPattern("[' '][XXX][XX][X]['UTC']['GMT']")
            .toFormatter(Locale.ROOT)
            .withChronology(IsoChronology.INSTANCE)
            .withResolverStyle(ResolverStyle.STRICT);

    /// What [#ISO] is asked for; by itself it would also take several zones, or none between date and time.
    private static final Pattern SHAPE = Pattern.compile(
            "[0-9]{4}-[0-9]{2}-[0-9]{2}" + "([Tt ][0-9:.]+( ?([Zz]|UTC|GMT|[-+][0-9]{2}(:?[0-9]{2})?))?)?");

    private EventTimes() {}

    public static OptionalLong of(long number) {
        return number > -LEAST_MILLIS && number < LEAST_MILLIS
                ? OptionalLong.of(number * (long) MILLIS_PER_SECOND)
                : OptionalLong.of(number);
    }

    public static OptionalLong of(double number) {
        if (!Double.isFinite(number)) {
            return OptionalLong.empty();
        }
        boolean isSeconds = Math.abs(number) < LEAST_MILLIS;
        return OptionalLong.of(Math.round(isSeconds ? number * MILLIS_PER_SECOND : number));
    }

    public static OptionalLong of(String text) {
        String trimmed = text.strip();
        boolean isPlainUtc = isPlainUtc(trimmed);
        try {
            if (!isPlainUtc) {
                return of(Long.parseLong(trimmed));
            }
        } catch (NumberFormatException e) {
            // It may be something else.
        }
        if (!isPlainUtc && trimmed.matches("[-+]?[0-9]+\\.[0-9]*")) {
            return of(Double.parseDouble(trimmed));
        }
        try {
            return OptionalLong.of(isPlainUtc ? plainUtc(trimmed) : millis(trimmed));
        } catch (DateTimeException | ArithmeticException e) {
            return OptionalLong.empty();
        }
    }

    /// Whether it has the shape 2024-05-01T12:30:45Z.
    private static boolean isPlainUtc(String text) {
        if (text.length() != PLAIN_UTC.length()) {
            return false;
        }
        for (int i = 0; i < PLAIN_UTC.length(); i++) {
            char expected = PLAIN_UTC.charAt(i);
            char found = text.charAt(i);
            if (expected == '0' ? found < '0' || found > '9' : found != expected) {
                return false;
            }
        }
        return true;
    }

    /// What most programs write; to look at all the others costs more than the rest of a document.
    private static long plainUtc(String text) {
        long day = LocalDate.of(number(text, 0, 4), number(text, 5, 7), number(text, 8, 10))
                .toEpochDay();
        LocalTime time = LocalTime.of(number(text, 11, 13), number(text, 14, 16), number(text, 17, 19));
        return (day * SECONDS_PER_DAY + time.toSecondOfDay()) * (long) MILLIS_PER_SECOND;
    }

    private static int number(String text, int from, int to) {
        return Integer.parseInt(text, from, to, 10);
    }

    private static long millis(String text) {
        if (text.indexOf(',') > 0) {
            return OffsetDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                    .toInstant()
                    .toEpochMilli();
        }
        if (!SHAPE.matcher(text).matches()) {
            throw new DateTimeException("no date of ISO 8601");
        }
        TemporalAccessor parsed = ISO.parseBest(text, OffsetDateTime::from, LocalDateTime::from, LocalDate::from);
        return switch (parsed) {
            case OffsetDateTime time -> time.toInstant().toEpochMilli();
            case LocalDateTime time -> time.toInstant(ZoneOffset.UTC).toEpochMilli();
            default ->
                LocalDate.from(parsed).atStartOfDay(ZoneOffset.UTC).toInstant().toEpochMilli();
        };
    }
}
