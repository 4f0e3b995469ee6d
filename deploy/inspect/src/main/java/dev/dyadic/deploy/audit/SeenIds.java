package dev.dyadic.deploy.audit;

import dev.dyadic.proto.Digests;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/// The ids of the documents of one partition that were decomposed, by 128-bit hashes, on disk: finds those that are
/// there twice. They are parted by their hashes, so that one part after the other is looked at in memory.
final class SeenIds {
    private static final int PARTS = 1024;
    private static final int WHOLE_LOW = 0;
    private static final int WHOLE_HIGH = 1;
    private static final int ID_LOW = 2;
    private static final int ID_HIGH = 3;
    private static final int WHOLE_DIGEST = 4;
    private static final int OFFSET = 5;
    private static final int FIELDS = 6;
    private static final long HIGH_SEED = 1;

    private final Spill spill;
    private final int firstBlock;
    private final SpilledRecords[] parts = new SpilledRecords[PARTS];

    /// Told of what is there twice.
    interface Doubles {
        /// An id that two documents have.
        void id(long firstOffset, long secondOffset);

        /// Two texts that one whole has.
        void text(long firstOffset, long secondOffset);
    }

    SeenIds(Spill spill) {
        this.spill = spill;
        this.firstBlock = spill.blocks();
        Arrays.setAll(parts, _ -> new SpilledRecords(spill, FIELDS));
    }

    /// @param whole the document's own id, where it is no part
    void add(String id, String whole, long wholeDigest, long offset) {
        long low = Digests.xxh64(whole, 0);
        SpilledRecords part = parts[(int) Long.remainderUnsigned(low, PARTS)];
        long record = part.add();
        part.set(record, WHOLE_LOW, low);
        part.set(record, WHOLE_HIGH, Digests.xxh64(whole, HIGH_SEED));
        part.set(record, ID_LOW, Digests.xxh64(id, 0));
        part.set(record, ID_HIGH, Digests.xxh64(id, HIGH_SEED));
        part.set(record, WHOLE_DIGEST, wholeDigest);
        part.set(record, OFFSET, offset);
    }

    /// Tells what is there twice, and forgets everything.
    void end(Doubles doubles) {
        for (SpilledRecords part : parts) {
            find(part, doubles);
        }
        spill.truncate(firstBlock);
    }

    private record Id(long wholeLow, long wholeHigh, long idLow, long idHigh, long wholeDigest, long offset) {
        static final Comparator<Id> BY_WHOLE = Comparator.comparingLong(Id::wholeLow)
                .thenComparingLong(Id::wholeHigh)
                .thenComparingLong(Id::offset);
        static final Comparator<Id> BY_ID = Comparator.comparingLong(Id::idLow)
                .thenComparingLong(Id::idHigh)
                .thenComparingLong(Id::offset);

        boolean hasWholeOf(Id other) {
            return wholeLow == other.wholeLow && wholeHigh == other.wholeHigh;
        }

        boolean isSame(Id other) {
            return idLow == other.idLow && idHigh == other.idHigh;
        }
    }

    private static void find(SpilledRecords part, Doubles doubles) {
        List<Id> ids = new ArrayList<>();
        for (long record = 0; record < part.count(); record++) {
            ids.add(new Id(
                    part.get(record, WHOLE_LOW),
                    part.get(record, WHOLE_HIGH),
                    part.get(record, ID_LOW),
                    part.get(record, ID_HIGH),
                    part.get(record, WHOLE_DIGEST),
                    part.get(record, OFFSET)));
        }
        ids.sort(Id.BY_ID);
        for (int i = 1; i < ids.size(); i++) {
            if (ids.get(i).isSame(ids.get(i - 1))) {
                doubles.id(ids.get(i - 1).offset(), ids.get(i).offset());
            }
        }
        ids.sort(Id.BY_WHOLE);
        int first = 0;
        for (int i = 1; i < ids.size(); i++) {
            if (!ids.get(i).hasWholeOf(ids.get(first))) {
                first = i;
            } else if (ids.get(i).wholeDigest() != ids.get(first).wholeDigest()) {
                doubles.text(ids.get(first).offset(), ids.get(i).offset());
            }
        }
    }
}
