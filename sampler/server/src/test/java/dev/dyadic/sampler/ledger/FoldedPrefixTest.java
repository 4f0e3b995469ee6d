package dev.dyadic.sampler.ledger;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.proto.kafka.LedgerTopic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A ledger that lacks what it had is noticed, while a replica runs and after it was started again.
class FoldedPrefixTest {
    private static final String TOPIC = "t.main.ledger";

    @TempDir
    private Path directory = Path.of("");

    @Test
    void aLedgerThatHasGrownIsWhole() {
        folded(3);

        FoldedPrefix again = prefix("id");

        assertThatCode(() -> {
                    again.requireWhole(new LedgerTopic.Extent(0, 5));
                    add(again, 0, 5);
                    again.requireWhole(new LedgerTopic.Extent(0, 5));
                })
                .doesNotThrowAnyException();
    }

    @Test
    void aLedgerWithoutItsBeginningIsRefused() {
        FoldedPrefix prefix = prefix("id");

        assertThatThrownBy(() -> prefix.requireWhole(new LedgerTopic.Extent(2, 5)))
                .isInstanceOf(LedgerException.class)
                .hasMessageStartingWith(
                        "topic t.main.ledger begins at offset 2, but a ledger is kept from offset 0 on");
    }

    @Test
    void aLedgerThatHasBecomeShorterIsRefused() {
        FoldedPrefix prefix = folded(3);

        assertThatThrownBy(() -> prefix.requireWhole(new LedgerTopic.Extent(0, 2)))
                .hasMessageStartingWith("topic t.main.ledger ends at offset 2, but it was read up to offset 3 before");
        assertThatThrownBy(() -> prefix("id").requireWhole(new LedgerTopic.Extent(0, 2)))
                .hasMessageStartingWith("topic t.main.ledger ends at offset 2, but it was read up to offset 3 before");
    }

    @Test
    void aLedgerWithOtherRecordsIsRefused() {
        folded(3);
        FoldedPrefix again = prefix("id");
        add(again, 0, 2);

        assertThatThrownBy(() -> again.add(2, new byte[] {77}))
                .hasMessageStartingWith("topic t.main.ledger has other records below offset 3 than it had before");
    }

    @Test
    void whatWasNotedStandsUntilAsMuchWasReadAgain() {
        folded(3);
        FoldedPrefix interrupted = prefix("id");
        add(interrupted, 0, 1);
        interrupted.save();
        FoldedPrefix again = prefix("id");
        add(again, 0, 2);

        assertThatThrownBy(() -> again.add(2, new byte[] {77}))
                .hasMessageContaining("has other records below offset 3");
        assertThatThrownBy(() -> prefix("id").requireWhole(new LedgerTopic.Extent(0, 2)))
                .hasMessageContaining("was read up to offset 3 before");
    }

    @Test
    void aLedgerWithAGapIsRefused() {
        FoldedPrefix prefix = prefix("id");
        add(prefix, 0, 2);

        assertThatThrownBy(() -> prefix.add(4, new byte[] {4}))
                .hasMessageStartingWith("topic t.main.ledger has no records from offset 2 to 3");
    }

    @Test
    void theNoteOfAnotherCorpusDoesNotCount() {
        folded(3);

        assertThatCode(() -> prefix("other").requireWhole(new LedgerTopic.Extent(0, 1)))
                .doesNotThrowAnyException();
    }

    @Test
    void aNoteThatCannotBeReadDoesNotCount() throws IOException {
        folded(3);
        Files.writeString(directory.resolve("ledger.json"), "{\"topicId\":");

        assertThatCode(() -> prefix("id").requireWhole(new LedgerTopic.Extent(0, 1)))
                .doesNotThrowAnyException();
    }

    private FoldedPrefix folded(int records) {
        FoldedPrefix prefix = prefix("id");
        add(prefix, 0, records);
        prefix.save();
        return prefix;
    }

    private FoldedPrefix prefix(String topicId) {
        return new FoldedPrefix(directory, TOPIC, topicId);
    }

    private static void add(FoldedPrefix prefix, int from, int to) {
        for (int offset = from; offset < to; offset++) {
            prefix.add(offset, new byte[] {(byte) offset});
        }
    }
}
