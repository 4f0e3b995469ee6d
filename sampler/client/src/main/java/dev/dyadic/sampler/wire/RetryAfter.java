package dev.dyadic.sampler.wire;

import io.grpc.Metadata;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/// The trailer `retry-after-ms`: with UNAVAILABLE and RESOURCE_EXHAUSTED a sampler says how many milliseconds a client
/// waits before it tries again, as a decimal number in ASCII.
public final class RetryAfter {
    public static final Metadata.Key<String> KEY = Metadata.Key.of("retry-after-ms", Metadata.ASCII_STRING_MARSHALLER);
    private static final int MAX_DIGITS = 18;

    private RetryAfter() {}

    public static String text(long millis) {
        return Long.toString(millis);
    }

    /// What the trailers of an answer ask for.
    ///
    /// @return empty where they ask for nothing, or for something that is not a number
    public static OptionalLong millis(@Nullable Metadata trailers) {
        String text = trailers == null ? null : trailers.get(KEY);
        boolean isNumber =
                text != null && text.length() <= MAX_DIGITS && text.chars().allMatch(c -> c >= '0' && c <= '9');
        return isNumber && text != null && !text.isEmpty()
                ? OptionalLong.of(Long.parseLong(text))
                : OptionalLong.empty();
    }
}
