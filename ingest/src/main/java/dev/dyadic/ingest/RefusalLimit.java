package dev.dyadic.ingest;

import dev.dyadic.proto.InvalidException;

/// How much may be refused before an ingest counts as failed.
///
/// @param isPercent of what was accepted or refused; else entries
public record RefusalLimit(double limit, boolean isPercent) {
    private static final double ALL_PERCENT = 100;

    /// @param text such as 1000 or 2.5%
    public static RefusalLimit parse(String text) {
        boolean isPercent = text.endsWith("%");
        try {
            double limit = Double.parseDouble(isPercent ? text.substring(0, text.length() - 1) : text);
            if (limit >= 0 && (isPercent ? limit <= ALL_PERCENT : limit == Math.rint(limit))) {
                return new RefusalLimit(limit, isPercent);
            }
        } catch (NumberFormatException e) {
            // It is told below.
        }
        throw new InvalidException(
                "max-refused must be a number of entries, or a part of all such as 2.5%, but was '" + text + "'");
    }

    /// Entries after which there is no reason to read on.
    public long entries() {
        return isPercent ? Long.MAX_VALUE : (long) limit;
    }

    /// All of them is always too much.
    public boolean isExceeded(IngestReport report) {
        boolean isNothingAccepted = report.accepted() + report.acceptedBefore() == 0;
        return report.refused() + report.refusedBefore() > 0 && (isNothingAccepted || !allows(report));
    }

    /// Whether there are no more than so many, or than such a part.
    public boolean allows(IngestReport report) {
        long accepted = report.accepted() + report.acceptedBefore();
        long refused = report.refused() + report.refusedBefore();
        return isPercent ? refused * ALL_PERCENT <= limit * (accepted + refused) : refused <= limit;
    }
}
