package dev.dyadic.ingest.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.proto.Codec;
import dev.dyadic.proto.Digests;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.Limits;
import dev.dyadic.proto.avro.Document;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DocumentRulesTest {
    private static final DocumentRules REFUSING = DocumentRules.of(Fields.DEFAULT, "source");
    private static final DocumentRules SPLITTING = REFUSING.with(TooLong.SPLIT);

    @Test
    void aTextOfTheLargestSizeIsOneDocument() throws RefusedException {
        Document document = document(REFUSING, "id", Limits.MAX_TEXT_BYTES);

        assertThat(SPLITTING.parts(document)).containsExactly(document);
        assertThatThrownBy(() -> document(REFUSING, "id", Limits.MAX_TEXT_BYTES + 1))
                .isInstanceOf(RefusedException.class)
                .hasMessage("expected at most 4194304 bytes of text, but there are 4194305");
    }

    @Test
    void aLongerOneIsPartsWithWhatTheWholeHas() throws RefusedException {
        Document whole = document(SPLITTING, "id", Limits.MAX_WHOLE_TEXT_BYTES);

        List<Document> parts = SPLITTING.parts(whole);

        assertThat(parts).hasSizeBetween(8, 10);
        ByteBuffer text = ByteBuffer.allocate(Limits.MAX_WHOLE_TEXT_BYTES);
        for (int part = 0; part < parts.size(); part++) {
            Document document = parts.get(part);
            assertThat(document.getId()).isEqualTo("id#part-" + part);
            assertThat(document.getWholeId()).isEqualTo("id");
            assertThat(document.getPart()).isEqualTo(part);
            assertThat(document.getParts()).isEqualTo(parts.size());
            assertThat(document.getWholeDigest()).isEqualTo(Digests.xxh64(Codec.array(whole.getText())));
            assertThat(document.getSource()).isEqualTo("source");
            assertThat(document.getEventTimeMillis()).isEqualTo(7);
            assertThat(document.getAttributes()).isEqualTo(Map.of("language", "en"));
            assertThat(document.getText().remaining()).isBetween(1 << 20, Limits.MAX_TEXT_BYTES);
            text.put(document.getText().duplicate());
        }
        assertThat(text.flip()).isEqualTo(whole.getText());
    }

    @Test
    void whatIsTooLongToBeSplitIsRefused() {
        assertThatThrownBy(() -> document(SPLITTING, "id", Limits.MAX_WHOLE_TEXT_BYTES + 1))
                .hasMessage("expected at most 33554432 bytes of text, but there are 33554433");
    }

    @Test
    void theIdsOfPartsAreNoLongerThanIdsMayBe() throws RefusedException {
        String longest = "i".repeat(Limits.MAX_ID_BYTES - "#part-999".length());
        int tooLong = Limits.MAX_TEXT_BYTES + 1;

        assertThat(SPLITTING
                        .parts(document(SPLITTING, longest, tooLong))
                        .getLast()
                        .getId())
                .isEqualTo(longest + "#part-1");
        assertThatThrownBy(() -> document(SPLITTING, longest + "i", tooLong))
                .hasMessage("expected at most 1015 bytes of 'id', but there are 1016");
        assertThat(document(SPLITTING, longest + "i", 1).getId()).hasSize(longest.length() + 1);
    }

    @Test
    void anIdThatLooksLikeThatOfAPartIsRefused() {
        assertThatThrownBy(() -> document(REFUSING, "a#part-1", 1))
                .hasMessage(
                        "expected an id that does not end like that of a part of a long document, but 'id' is a#part-1");
    }

    @Test
    void sizesThatMakeTooManyPartsAreRefused() {
        assertThatThrownBy(() -> new DocumentRules(Fields.DEFAULT, "s", 31, 31, InstantSource.system()))
                .isInstanceOf(InvalidException.class);
        assertThatThrownBy(() -> new DocumentRules(Fields.DEFAULT, "s", 32, 64, InstantSource.system()))
                .isInstanceOf(InvalidException.class);
        assertThatThrownBy(() -> new DocumentRules(Fields.DEFAULT, "s", 1 << 20, 1024, InstantSource.system()))
                .isInstanceOf(InvalidException.class);
    }

    private static Document document(DocumentRules rules, String id, int bytes) throws RefusedException {
        byte[] text = "a line\n\n".repeat(bytes / 8 + 1).getBytes(StandardCharsets.UTF_8);
        return new DocumentFields()
                .id(id)
                .text(Arrays.copyOf(text, bytes))
                .time(7L)
                .attribute("language", "en")
                .document(rules)
                .document();
    }
}
