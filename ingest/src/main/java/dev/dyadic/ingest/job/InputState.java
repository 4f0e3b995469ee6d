package dev.dyadic.ingest.job;

import dev.dyadic.ingest.format.Position;
import dev.dyadic.proto.avro.IngestPosition;

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
    private Position position = Position.BEGIN;
    private Counts counts = new Counts();

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
        found.counts = new Counts(
                record.getAccepted(),
                record.getTextBytes(),
                record.getSplit(),
                record.getParts(),
                record.getRefused(),
                record.getLeftOut(),
                record.getUnread());
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
                counts.accepted(),
                counts.textBytes(),
                counts.split(),
                counts.parts(),
                counts.refusedByReason(),
                counts.leftOut(),
                counts.unread(),
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

    public Counts counts() {
        return counts;
    }

    /// @param what is wrong; empty: nothing
    public void end(State end, String what) {
        state = end;
        detail = what;
    }

    /// What is wrong with a part of it; the first one is kept.
    public void damaged(String what) {
        if (detail.isEmpty()) {
            detail = what;
        }
    }

    public String input() {
        return input;
    }

    public State state() {
        return state;
    }

    public String detail() {
        return detail;
    }

    public Position position() {
        return position;
    }
}
