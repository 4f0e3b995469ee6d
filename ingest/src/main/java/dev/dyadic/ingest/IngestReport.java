package dev.dyadic.ingest;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What came of an ingest.
///
/// @param accepted documents published
/// @param acceptedBefore documents that earlier starts of the job published from the same inputs
/// @param refused entries that make no document, each in the rejects topic
/// @param refusedBefore entries that earlier starts of the job refused
/// @param textBytes UTF-8 bytes of the accepted documents' texts
/// @param split accepted documents that were published in parts
/// @param parts documents into which those were split
/// @param refusedByReason the same entries, by reason
/// @param leftOut entries that are no document by their nature, or that were not asked for, by what they are
/// @param unread accepted documents with a field that nobody named and whose value was of no use, by field
/// @param inputs that were begun, or gone on with
/// @param inputsReadBefore of which nothing was left
/// @param inputsGoneOn that another start had begun
/// @param failed inputs that were not read to their end, or not all of it, each with why
/// @param firstRefused a few of the refused entries: input, place, reason and detail
/// @param notes what was found out about inputs that a user should know
public record IngestReport(
        long accepted,
        long acceptedBefore,
        long refused,
        long refusedBefore,
        long textBytes,
        long split,
        long parts,
        Map<String, Long> refusedByReason,
        Map<String, Long> leftOut,
        Map<String, Long> unread,
        long inputs,
        long inputsReadBefore,
        long inputsGoneOn,
        List<String> failed,
        List<String> firstRefused,
        List<String> notes) {
    public IngestReport {
        refusedByReason = new TreeMap<>(refusedByReason);
        leftOut = new TreeMap<>(leftOut);
        unread = new TreeMap<>(unread);
        failed = List.copyOf(failed);
        firstRefused = List.copyOf(firstRefused);
        notes = List.copyOf(notes);
    }

    /// For those who need all of what they named.
    ///
    /// @throws IngestException where an input was not read, or not all of it
    public IngestReport requireWhole() {
        if (!failed.isEmpty()) {
            throw new IngestException("cannot read " + failed.getFirst(), null);
        }
        return this;
    }
}
