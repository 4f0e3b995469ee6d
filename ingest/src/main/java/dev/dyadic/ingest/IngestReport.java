package dev.dyadic.ingest;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What came of an ingest.
///
/// @param accepted documents that Kafka has acknowledged
/// @param rejected lines refused, each in the rejects topic
/// @param textBytes UTF-8 bytes of the accepted documents' texts
/// @param timesUnread accepted documents that count as of now, because the time that they had could not be read
/// @param firstRejected a few of the refused lines: input, line number, reason and detail
public record IngestReport(
        long accepted,
        long rejected,
        long textBytes,
        long timesUnread,
        Map<String, Long> rejectedByReason,
        List<String> firstRejected) {
    public IngestReport {
        rejectedByReason = new TreeMap<>(rejectedByReason);
        firstRejected = List.copyOf(firstRejected);
    }
}
