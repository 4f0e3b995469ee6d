package dev.dyadic.sampler.order;

import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.InvalidException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/// The odds of drawing each bucket, shortest first (section 3.3 and table 2 of the paper). Presets are formulas in the
/// number of buckets.
///
/// @param name a preset, or `odds`
/// @param odds positive, one per bucket
public record Curriculum(String name, List<BigInteger> odds) {
    public static final String CUSTOM = "odds";
    public static final List<String> PRESETS = List.of("uniform", "grow-linear", "grow-p2", "grow-p100", "shrink-p100");

    /// Bits of an odds value: 24 buckets of a factor 100 need 153.
    private static final int MAX_ODDS_BITS = 256;

    public Curriculum {
        odds = List.copyOf(odds);
        for (BigInteger value : odds) {
            if (value.signum() <= 0 || value.bitLength() > MAX_ODDS_BITS) {
                throw new InvalidException("curriculum.odds must be integers between 1 and 2^" + MAX_ODDS_BITS
                        + " - 1, but one was " + value);
            }
        }
    }

    /// @param custom decimal integers, for the name `odds` only
    public static Curriculum of(String name, Buckets buckets, List<String> custom) {
        if (!name.equals(CUSTOM)) {
            if (!custom.isEmpty()) {
                throw new InvalidException("curriculum " + name + " takes no odds, but " + custom.size()
                        + " were given; use curriculum " + CUSTOM);
            }
            return preset(name, buckets.count());
        }
        if (custom.size() != buckets.count()) {
            throw new InvalidException("curriculum odds must be " + buckets.count() + ", one for each length of "
                    + buckets + ", but there were " + custom.size());
        }
        List<BigInteger> odds = new ArrayList<>();
        for (String text : custom) {
            try {
                odds.add(new BigInteger(text));
            } catch (NumberFormatException e) {
                throw new InvalidException("curriculum odds must be decimal integers, but one was '" + text + "'");
            }
        }
        return new Curriculum(CUSTOM, odds);
    }

    /// The curriculum of a record, which always has its odds written out.
    static Curriculum ofTexts(String name, List<String> odds) {
        return new Curriculum(name, odds.stream().map(BigInteger::new).toList());
    }

    @Override
    public String toString() {
        return name.equals(CUSTOM) ? CUSTOM + " " + String.join(",", oddsTexts()) : name;
    }

    public List<String> oddsTexts() {
        return odds.stream().map(BigInteger::toString).toList();
    }

    private static Curriculum preset(String name, int count) {
        List<BigInteger> odds = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int fromLongest = count - 1 - i;
            odds.add(
                    switch (name) {
                        case "uniform" -> BigInteger.ONE;
                        case "grow-linear" -> BigInteger.valueOf(fromLongest + 1L);
                        case "grow-p2" -> BigInteger.TWO.pow(fromLongest);
                        case "grow-p100" -> BigInteger.valueOf(100).pow(fromLongest);
                        case "shrink-p100" -> BigInteger.valueOf(100).pow(i);
                        default ->
                            throw new InvalidException("curriculum must be one of " + String.join(", ", PRESETS)
                                    + ", or " + CUSTOM + ", but was " + name);
                    });
        }
        return new Curriculum(name, odds);
    }
}
