package dev.dyadic.ingest.job;

import dev.dyadic.ingest.document.Parsed;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What came of entries.
public final class Counts {
    private long accepted;
    private long textBytes;
    private long split;
    private long parts;
    private final Map<String, Long> refused = new TreeMap<>();
    private final Map<String, Long> leftOut = new TreeMap<>();
    private final Map<String, Long> unread = new TreeMap<>();

    public Counts() {
        // Nothing has come yet.
    }

    Counts(
            long accepted,
            long textBytes,
            long split,
            long parts,
            Map<String, Long> refused,
            Map<String, Long> leftOut,
            Map<String, Long> unread) {
        this.accepted = accepted;
        this.textBytes = textBytes;
        this.split = split;
        this.parts = parts;
        this.refused.putAll(refused);
        this.leftOut.putAll(leftOut);
        this.unread.putAll(unread);
    }

    /// @param documents in which it is published
    /// @param fields that nobody named, and whose values were of no use
    public void accept(int bytes, int documents, List<String> fields) {
        accepted++;
        textBytes += bytes;
        if (documents > 1) {
            split++;
            parts += documents;
        }
        fields.forEach(field -> unread.merge(field, 1L, Long::sum));
    }

    public void refuse(String reason) {
        refused.merge(reason, 1L, Long::sum);
    }

    public void leaveOut(String what) {
        leftOut.merge(what, 1L, Long::sum);
    }

    public long accepted() {
        return accepted;
    }

    /// UTF-8 bytes of the accepted documents' texts.
    public long textBytes() {
        return textBytes;
    }

    /// Accepted documents that were published in parts.
    public long split() {
        return split;
    }

    /// Documents into which those were split.
    public long parts() {
        return parts;
    }

    public long refused() {
        return refused.values().stream().mapToLong(Long::longValue).sum();
    }

    public boolean hasDamage() {
        return refused.containsKey(Parsed.DAMAGED);
    }

    public Map<String, Long> refusedByReason() {
        return new TreeMap<>(refused);
    }

    public Map<String, Long> leftOut() {
        return new TreeMap<>(leftOut);
    }

    public Map<String, Long> unread() {
        return new TreeMap<>(unread);
    }
}
