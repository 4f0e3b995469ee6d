package dev.dyadic.proto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.proto.avro.Document;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CodecTest {
    @Test
    void readsWhatItWrote() throws UnreadableRecordException {
        Document document = document("id", "text");

        Document read = Codecs.DOCUMENT.decode(Codecs.DOCUMENT.encode(document));

        assertThat(read).isEqualTo(document);
    }

    @Test
    void saysThatOtherBytesAreNoRecord() {
        byte[] text = "{\"id\": 1}".getBytes(StandardCharsets.UTF_8);

        assertThatThrownBy(() -> Codecs.DOCUMENT.decode(text))
                .isInstanceOf(UnreadableRecordException.class)
                .hasMessage("expected a Document record in Avro single-object encoding, but the header is another");
    }

    @Test
    void saysThatARecordOfAnotherTypeHasAnUnknownSchema() {
        byte[] document = Codecs.DOCUMENT.encode(document("id", "text"));

        assertThatThrownBy(() -> Codecs.SEQUENCE.decode(document))
                .hasMessage("expected a Sequence record, but its schema fingerprint is unknown: upgrade this program");
    }

    @Test
    void refusesABodyThatIsCutOrHasMoreBehindIt() {
        byte[] bytes = Codecs.DOCUMENT.encode(document("id", "text"));

        assertThatThrownBy(() -> Codecs.DOCUMENT.decode(Arrays.copyOf(bytes, bytes.length - 3)))
                .hasMessageStartingWith("the body of this Document record is broken");
        assertThatThrownBy(() -> Codecs.DOCUMENT.decode(Arrays.copyOf(bytes, bytes.length + 3)))
                .hasMessageContaining("3 bytes follow it");
    }

    static Document document(String id, String text) {
        return Document.newBuilder()
                .setId(id)
                .setSource("test")
                .setText(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)))
                .setEventTimeMillis(1)
                .setOriginalEventTimeMillis(null)
                .setAttributes(Map.of("lang", "en"))
                .build();
    }
}
