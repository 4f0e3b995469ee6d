package dev.dyadic.proto;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.proto.avro.Document;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WholesTest {
    @Test
    void aDocumentOfItsOwnIsItsWhole() {
        Document document = CodecTest.document("id", "text");

        assertThat(Wholes.idOf(document)).isEqualTo("id");
        assertThat(Wholes.idOf(Document.newBuilder(document).setWholeId("whole").build()))
                .isEqualTo("whole");
    }

    @Test
    void theIdOfAPartTellsThatOfTheWhole() {
        for (String whole : List.of("a", "https://example.org/#part-2", "#part-", " ", "a#part-1#part-1")) {
            for (int part : new int[] {0, 7, 25}) {
                assertThat(Wholes.isPart(Wholes.partId(whole, part))).isTrue();
                assertThat(Wholes.wholeOf(Wholes.partId(whole, part))).isEqualTo(whole);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "a", "#part-1", "a#part-", "a#part-x", "a#part-1x", "a#part--1", "a#part-١", "a#Part-1"})
    void anotherIdIsTheSame(String id) {
        assertThat(Wholes.isPart(id)).isFalse();
        assertThat(Wholes.wholeOf(id)).isEqualTo(id);
    }
}
