package dev.dyadic.ingest;

import java.util.Map;
import java.util.TreeMap;

/// What came of an ingest.
///
/// @param accepted documents that Kafka has acknowledged
/// @param rejected lines refused, each in the rejects topic
/// @param textBytes UTF-8 bytes of the accepted documents' texts
public record IngestReport(long accepted, long rejected, long textBytes, Map<String, Long> rejectedByReason) {
    public IngestReport {
        rejectedByReason = new TreeMap<>(rejectedByReason);
    }
}
