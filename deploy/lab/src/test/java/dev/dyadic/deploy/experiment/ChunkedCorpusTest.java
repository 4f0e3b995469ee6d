package dev.dyadic.deploy.experiment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.decomposer.tokenize.Tokenizers;
import dev.dyadic.deploy.history.KafkaHistory;
import dev.dyadic.deploy.local.LocalStack;
import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.Codecs;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Layout;
import dev.dyadic.proto.LongDocuments;
import dev.dyadic.proto.Split;
import dev.dyadic.proto.UnreadableRecordException;
import dev.dyadic.proto.avro.Document;
import dev.dyadic.proto.avro.Sequence;
import dev.dyadic.proto.kafka.Corpus;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChunkedCorpusTest {
    private static final int LENGTH = 64;
    private static final int END = 256;

    @TempDir
    private Path directory = Path.of("");

    @Test
    void chunksAreTheDocumentsOneAfterTheOtherWithoutTheHoldOut() {
        CorpusSettings settings = new CorpusSettings(
                "decomposed",
                Tokenizers.named("bytes").identity(),
                Layout.NEXT_TOKEN,
                new Buckets(5, 6),
                LongDocuments.SPREAD,
                300_000,
                0,
                2);
        List<Document> documents = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            documents.add(document("doc-" + i, "<" + "x".repeat(i) + i + ">"));
        }
        try (LocalStack stack =
                LocalStack.start(new LocalStack.Settings(directory, 0, 0, 0, "test", settings), _ -> {})) {
            Map<TopicPartition, Long> ends = new HashMap<>();
            for (int partition = 0; partition < 2; partition++) {
                ends.put(new TopicPartition(stack.corpus().topics().documents(), partition), 0L);
            }

            Corpus chunks = new ChunkedCorpus(stack.cluster(), stack.corpus(), Tokenizers.named("bytes"), 7)
                    .make(documents, ends);

            List<String> train = documents.stream()
                    .filter(document -> settings.splitOf(document.getId()) == Split.TRAIN)
                    .map(document -> StandardCharsets.UTF_8
                            .decode(document.getText().duplicate())
                            .toString())
                    .toList();
            String stream = stream(stack, chunks);
            int whole = train.stream().mapToInt(text -> text.length() + 1).sum();
            assertThat(train).hasSizeBetween(20, 49);
            // Every token but those of the last, incomplete chunk.
            assertThat(stream).hasSize((whole - 1) / LENGTH * LENGTH + 1);
            List<String> found = new ArrayList<>(Arrays.asList(stream.split("\\|")));
            String cut = found.removeLast();
            assertThat(train).containsAll(found).anyMatch(text -> text.startsWith(cut));
            assertThat(found).doesNotHaveDuplicates().isNotEqualTo(train.subList(0, found.size()));
        }
    }

    /// The chunks put together again, with a bar where a document ends.
    private static String stream(LocalStack stack, Corpus chunks) {
        Map<Integer, Sequence> sequences = new TreeMap<>();
        try (KafkaHistory history = new KafkaHistory(stack.cluster(), chunks, KafkaHistory.Progress.NONE)) {
            for (int partition = 0; partition < 2; partition++) {
                history.read(chunks.topics().sequences(Bucket.of(6)), partition, (_, _, value) -> {
                    Sequence sequence = decode(value.bytes());
                    sequences.put(Integer.parseInt(sequence.getDocumentId().substring("chunk-".length())), sequence);
                });
            }
        }
        StringBuilder text = new StringBuilder();
        for (Sequence sequence : sequences.values()) {
            ByteBuffer tokens = sequence.getTokens().duplicate().order(ByteOrder.LITTLE_ENDIAN);
            assertThat(tokens.remaining()).isEqualTo((LENGTH + 1) * 2);
            int first = tokens.getShort();
            if (text.isEmpty()) {
                text.append(character(first));
            }
            // A chunk begins with the last token of the one before.
            assertThat(text.charAt(text.length() - 1)).isEqualTo(character(first));
            while (tokens.hasRemaining()) {
                text.append(character(tokens.getShort()));
            }
        }
        return text.toString();
    }

    private static char character(int id) {
        return id == END ? '|' : (char) id;
    }

    private static Document document(String id, String text) {
        return Document.newBuilder()
                .setId(id)
                .setSource("test")
                .setText(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)))
                .setEventTimeMillis(0)
                .setOriginalEventTimeMillis(null)
                .setAttributes(Map.of())
                .build();
    }

    private static Sequence decode(byte[] record) {
        try {
            return Codecs.SEQUENCE.decode(record);
        } catch (UnreadableRecordException e) {
            throw new IllegalStateException("a chunk cannot be read", e);
        }
    }
}
