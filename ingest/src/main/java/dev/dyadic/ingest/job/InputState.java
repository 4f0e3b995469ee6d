package dev.dyadic.ingest.job;

import dev.dyadic.ingest.document.Parsed;
import dev.dyadic.ingest.format.Position;
import dev.dyadic.proto.avro.IngestPosition;
import java.util.Map;
import java.util.TreeMap;

/// How far one input was read, and what came of it. Owned by whoever reads.
public final class InputState {
    /// What became of an input.
    public enum State {
        READING("reading"),
        DONE("done"),
        /// Read to its end, but for parts of it.
        DAMAGED("damaged"),
        FAILED("failed");

        private final String text;

        State(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }

        static State of(String text) {
            for (State state : values()) {
                if (state.text.equals(text)) {
                    return state;
                }
            }
            return READING;
        }
    }

    private final String input;
    private final long sizeBytes;
    private final long beginDigest;
    private final long startedMillis;
    private State state = State.READING;
    private String detail = "";
    private boolean hasDamage;
    private Position position = Position.BEGIN;
    private long accepted;
    private long textBytes;
    private final Map<String, Long> refused = new TreeMap<>();
    private final Map<String, Long> leftOut = new TreeMap<>();
    private final Map<String, Long> unread = new TreeMap<>();

    /// Of an input that nobody has read yet.
    public InputState(String input, long sizeBytes, long beginDigest, long startedMillis) {
        this.input = input;
        this.sizeBytes = sizeBytes;
        this.beginDigest = beginDigest;
        this.startedMillis = startedMillis;
    }

    /// As it was written.
    static InputState of(IngestPosition record) {
        InputState found = new InputState(
                record.getInput(), record.getSizeBytes(), record.getBeginDigest(), record.getStartedMillis());
        found.state = State.of(record.getState());
        found.detail = record.getDetail();
        found.position = new Position(record.getEntries(), record.getOffset());
        found.accepted = record.getAccepted();
        found.textBytes = record.getTextBytes();
        found.refused.putAll(record.getRefused());
        found.hasDamage = found.refused.containsKey(Parsed.DAMAGED);
        found.leftOut.putAll(record.getLeftOut());
        found.unread.putAll(record.getUnread());
        return found;
    }

    IngestPosition record(Job job, long nowMillis) {
        return new IngestPosition(
                job.name(),
                job.settings(),
                input,
                state.text,
                detail,
                sizeBytes,
                beginDigest,
                position.entries(),
                position.offset(),
                accepted,
                textBytes,
                new TreeMap<>(refused),
                new TreeMap<>(leftOut),
                new TreeMap<>(unread),
                startedMillis,
                nowMillis);
    }

    /// Whether a file is the one that this was written of, as far as its size and its beginning tell.
    boolean isOf(long size, long digest) {
        return sizeBytes == size && beginDigest == digest;
    }

    public void readUpTo(Position behind) {
        position = behind;
    }

    public void accepted(int bytes) {
        accepted++;
        textBytes += bytes;
    }

    public void refused(String reason) {
        refused.merge(reason, 1L, Long::sum);
    }

    public void leftOut(String what) {
        leftOut.merge(what, 1L, Long::sum);
    }

    public void unread(String field) {
        unread.merge(field, 1L, Long::sum);
    }

    /// @param what is wrong; empty: nothing
    public void end(State end, String what) {
        state = end;
        detail = what;
    }

    /// A part of it cannot be read; the first one is kept.
    public void damaged(String what) {
        hasDamage = true;
        if (detail.isEmpty()) {
            detail = what;
        }
    }

    public String input() {
        return input;
    }

    public long sizeBytes() {
        return sizeBytes;
    }

    public State state() {
        return state;
    }

    /// Whether a part of it could not be read.
    public boolean hasDamage() {
        return hasDamage;
    }

    public String detail() {
        return detail;
    }

    public Position position() {
        return position;
    }

    public long accepted() {
        return accepted;
    }

    public long textBytes() {
        return textBytes;
    }

    public Map<String, Long> refused() {
        return refused;
    }

    public Map<String, Long> leftOut() {
        return leftOut;
    }

    public Map<String, Long> unread() {
        return unread;
    }

    public long refusedCount() {
        return refused.values().stream().mapToLong(Long::longValue).sum();
    }
}
