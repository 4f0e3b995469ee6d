package dev.dyadic.sampler.ledger;

import com.dynatrace.hash4j.hashing.HashStream64;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dyadic.proto.Digests;
import dev.dyadic.proto.kafka.LedgerTopic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How much of the ledger this replica has folded, and a digest of it, kept on its disk beside the rows: so that a
/// ledger that has become shorter, or another one, is noticed after a restart too. It is a note, and no more: without
/// it, whatever Kafka has counts. Used by one thread.
final class FoldedPrefix {
    private static final Logger LOG = LoggerFactory.getLogger(FoldedPrefix.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FILE = "ledger.json";

    /// @param topicId a note about another topic of this name is not used
    /// @param endOffset of what was folded
    /// @param digest of the values of all records below
    record Note(String topicId, long endOffset, long digest) {}

    private final Path directory;
    private final String topic;
    private final String topicId;
    private final @Nullable Note before;
    private long endOffset;
    private long digest;
    private long savedOffset;

    /// @param directory of this replica's rows, which it alone uses
    FoldedPrefix(Path directory, String topic, String topicId) {
        this.directory = directory;
        this.topic = topic;
        this.topicId = topicId;
        this.before = read(directory.resolve(FILE), topicId);
    }

    /// Throws where the ledger has fewer records than it had, at its beginning or at its end.
    void requireWhole(LedgerTopic.Extent extent) {
        if (extent.isBeheaded()) {
            throw LedgerException.lost(LedgerTopic.beheaded(topic, extent.beginning()));
        }
        long known = before == null ? endOffset : Math.max(before.endOffset(), endOffset);
        if (extent.end() < known) {
            throw LedgerException.lost(LedgerTopic.tooShort(topic, extent.end(), known));
        }
    }

    /// Takes the next record. Throws where one before it is missing, or where the records are not those of before.
    void add(long offset, byte[] value) {
        if (offset != endOffset) {
            throw LedgerException.lost(LedgerTopic.gap(topic, endOffset, offset));
        }
        HashStream64 hash = Digests.xxh64Stream();
        hash.putLong(digest);
        hash.putBytes(value);
        digest = hash.getAsLong();
        endOffset = offset + 1;
        if (before != null && endOffset == before.endOffset() && digest != before.digest()) {
            throw LedgerException.lost(LedgerTopic.changed(topic, endOffset));
        }
    }

    /// Writes the note, where more was read than it says. One that cannot be written is missed at the next start only.
    void save() {
        boolean isBehindNote = before != null && endOffset <= before.endOffset();
        if (isBehindNote || savedOffset == endOffset) {
            return;
        }
        Path temporary = directory.resolve(FILE + ".new");
        try {
            Files.writeString(temporary, JSON.writeValueAsString(new Note(topicId, endOffset, digest)));
            Files.move(
                    temporary,
                    directory.resolve(FILE),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            savedOffset = endOffset;
        } catch (IOException e) {
            LOG.warn("cannot note how much of the ledger was read, directory={} reason={}", directory, e.toString());
        }
    }

    private static @Nullable Note read(Path file, String topicId) {
        if (!Files.exists(file)) {
            return null;
        }
        try {
            Note note = JSON.readValue(file.toFile(), Note.class);
            if (note.topicId().equals(topicId)) {
                return note;
            }
            LOG.warn("the note about the ledger of another corpus is thrown away, file={}", file);
        } catch (IOException | RuntimeException e) {
            LOG.warn("the note about the ledger is not readable and is thrown away, file={}", file);
        }
        return null;
    }
}
