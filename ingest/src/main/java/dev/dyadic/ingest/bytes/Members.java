package dev.dyadic.ingest.bytes;

import java.io.EOFException;
import java.io.IOException;

/// The members, frames or streams of a packed input, one after the other, all of them. Whatever is none is an error,
/// wherever it stands, and reading can go on behind it, with the next one that is sound.
final class Members extends Unpacked {
    private static final int CHUNK_BYTES = 32 << 10;
    private static final int TRIAL_BYTES = 16 << 10;

    private final StoredBytes stored;
    private final Unpacker unpacker;
    private final boolean oneByOne;
    /// Unpacked in pieces that do not depend on who reads: so that what comes before damage is the same each time.
    private final byte[] chunk = new byte[CHUNK_BYTES];

    private int chunkFrom;
    private int chunkTo;
    private boolean isInMember;
    private boolean isBehindMember;
    private long memberBegin;
    /// Damage that is told as soon as what was unpacked before it is read.
    private boolean isDamaged;

    /// @param oneByOne whether each ends as if the input ended, see [#nextMember]
    Members(StoredBytes stored, Unpacker unpacker, boolean oneByOne) {
        this.stored = stored;
        this.unpacker = unpacker;
        this.oneByOne = oneByOne;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        if (isDamaged) {
            throw new IllegalStateException("read behind a damaged part without recover()");
        }
        if (length == 0) {
            return 0;
        }
        while (chunkFrom == chunkTo) {
            if (!isInMember && ((oneByOne && isBehindMember) || !begin())) {
                return -1;
            }
            chunkFrom = 0;
            chunkTo = 0;
            chunkTo = Math.max(unpack(), 0);
            if (chunkTo == 0) {
                isInMember = false;
                isBehindMember = true;
            }
        }
        int bytes = Math.min(length, chunkTo - chunkFrom);
        System.arraycopy(chunk, chunkFrom, target, offset, bytes);
        chunkFrom += bytes;
        return bytes;
    }

    @Override
    public boolean nextMember() throws IOException {
        isBehindMember = false;
        unpacker.skipPadding(stored);
        return stored.hasNext();
    }

    @Override
    public boolean recover() throws IOException {
        isDamaged = false;
        isInMember = false;
        isBehindMember = false;
        // What was wrongly unpacked may have run over the beginning of the next one.
        long from = Math.max(memberBegin + 1, stored.oldest());
        stored.seek(from);
        while (stored.hasNext()) {
            if (unpacker.mayBegin(stored.peek(Packing.MAGIC_BYTES)) && isSound(stored.offset())) {
                return true;
            }
            stored.next();
        }
        return false;
    }

    @Override
    public void close() throws IOException {
        unpacker.close();
        stored.close();
    }

    /// Begins the next member; false at the end.
    private boolean begin() throws IOException {
        unpacker.skipPadding(stored);
        if (!stored.hasNext()) {
            return false;
        }
        memberBegin = stored.offset();
        try {
            unpacker.begin(stored);
        } catch (StoredBytes.UnreadableException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw damaged(e);
        }
        isInMember = true;
        return true;
    }

    private int unpack() throws IOException {
        try {
            return unpacker.read(chunk, 0, chunk.length);
        } catch (StoredBytes.UnreadableException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw damaged(e);
        }
    }

    private DamagedException damaged(Exception cause) {
        isDamaged = true;
        String what = cause instanceof EOFException && cause.getMessage() == null
                ? "it ends too early: the file is cut"
                : String.valueOf(cause.getMessage());
        return new DamagedException(what + " (packed bytes " + memberBegin + " to " + stored.offset() + ")", cause);
    }

    /// Whether a member begins here, as far as a look at its first bytes tells; stays here.
    private boolean isSound(long at) throws IOException {
        byte[] trial = new byte[TRIAL_BYTES];
        boolean isSound = false;
        stored.beginTrial();
        try {
            unpacker.begin(stored);
            int read = unpacker.read(trial, 0, trial.length);
            for (int more = read; more >= 0 && read < trial.length; ) {
                more = unpacker.read(trial, read, trial.length - read);
                read += Math.max(more, 0);
            }
            isSound = true;
        } catch (StoredBytes.UnreadableException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // What looked like one is none.
        }
        stored.endTrial(at);
        return isSound;
    }
}
