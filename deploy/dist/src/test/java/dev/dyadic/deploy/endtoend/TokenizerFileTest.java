package dev.dyadic.deploy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import dev.dyadic.decomposer.CorpusTokenizer;
import dev.dyadic.decomposer.tokenize.Tokenizer;
import dev.dyadic.decomposer.tokenize.TokenizerFile;
import dev.dyadic.decomposer.tokenize.stages.ByteLevel;
import dev.dyadic.deploy.local.CorpusChoice;
import dev.dyadic.deploy.local.LocalStack;
import dev.dyadic.proto.Asset;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.proto.Layout;
import dev.dyadic.proto.LongDocuments;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.kafka.Assets;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.ClusterException;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.v1.SamplerProto.Batch;
import dev.dyadic.v1.SamplerProto.TokenFormat;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A corpus whose tokenizer is a file: the file is in Kafka, and nobody needs it any more.
class TokenizerFileTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    /// Three of them have just enough tokens for one row of 33.
    private static final String TEXT = "abba, and ab: ";
    private static final int END_OF_TEXT = 258;
    private static final int BEGIN_OF_TEXT = 259;

    @TempDir
    private Path directory = Path.of("");

    @Test
    void theFileIsKeptInKafkaAndItsIdsAreServed() throws Exception {
        TokenizerFile file = file("ab", "ba");
        Tokenizer tokenizer = file.tokenizer(Optional.of("<end>"), Optional.of("<begin>"));
        CorpusSettings settings = settings(tokenizer);
        LocalStack.Settings stackSettings = new LocalStack.Settings(
                directory,
                0,
                0,
                0,
                new Topics("file", settings.corpus()),
                CorpusChoice.OnExisting.always(settings, Optional.of(file)));
        try (LocalStack stack = LocalStack.start(stackSettings, _ -> {}, new SimpleMeterRegistry());
                SamplerClient client = new SamplerClient(stack.samplerAddress(), 30_000)) {
            Texts.publish(
                    stack.cluster(),
                    stack.corpus().topics(),
                    IntStream.range(0, 40)
                            .mapToObj(i -> new Texts.Text("doc-" + i, "src", TEXT.repeat(3)))
                            .toList());

            client.openRun("first", TestStack.live(1).build());
            Batch batch = TestStack.get(client, "first", 0);

            assertThat(ids(batch.getTokens(), 6)).containsExactly(BEGIN_OF_TEXT, 256, 257, ',', ' ', 'a');
            TokenFormat format = client.describeCorpus().getFormat();
            assertThat(format.getTokenizerFile()).isEqualTo(file.asset().sha256());
            assertThat(format.getBeginOfText()).isEqualTo(BEGIN_OF_TEXT);
            assertThat(format.getEndOfText()).isEqualTo(END_OF_TEXT);
            assertThat(CorpusTokenizer.of(stack.cluster(), stack.corpus()).identity())
                    .isEqualTo(tokenizer.identity());

            anotherFileOfTheSameNameIsRefused(stack.cluster(), stack.corpus().topics(), file);
            aDamagedFileIsRefused(stack.cluster());
        }
    }

    private static void anotherFileOfTheSameNameIsRefused(Cluster cluster, Topics topics, TokenizerFile first)
            throws JsonProcessingException {
        TokenizerFile other = file("ab", "aa");
        CorpusSettings settings = settings(other.tokenizer(Optional.of("<end>"), Optional.of("<begin>")));

        assertThatThrownBy(() -> Corpus.init(
                        cluster, topics, settings, Optional.of(other), Optional.empty(), InstantSource.system()))
                .hasMessage("corpus main is another one: file of tokenizer small.json: the corpus has SHA-256 "
                        + first.asset().sha256() + ", but SHA-256 "
                        + other.asset().sha256()
                        + " was asked for; the files differ first at /model/merges/1: the corpus has \"b a\", but \"a a\" was"
                        + " given. Use what the corpus has, or another --corpus.");
    }

    private static void aDamagedFileIsRefused(Cluster cluster) throws ExecutionException, InterruptedException {
        Topics topics = new Topics("damaged", "main");
        String sha256 = "0123";
        try (var admin = cluster.admin();
                Producer<byte[], byte[]> producer = cluster.producer(Map.of())) {
            admin.createTopics(List.of(new NewTopic(topics.assets(), Optional.of(1), Optional.empty())))
                    .all()
                    .get();

            assertThatThrownBy(() -> Assets.read(cluster, topics, sha256))
                    .isInstanceOf(ClusterException.class)
                    .hasMessage("topic damaged.main.assets does not have the file with SHA-256 0123 whole: piece 0 is"
                            + " missing. Restore the topic, or make another --corpus.");
            producer.send(new ProducerRecord<>(
                            topics.assets(),
                            (sha256 + "/0/1").getBytes(StandardCharsets.US_ASCII),
                            "no gzip".getBytes(StandardCharsets.US_ASCII)))
                    .get();
            assertThatThrownBy(() -> Assets.read(cluster, topics, sha256))
                    .isInstanceOf(ClusterException.class)
                    .hasMessageContaining("does not have the file with SHA-256 0123 whole: ");
        }
    }

    private static CorpusSettings settings(Tokenizer tokenizer) {
        return new CorpusSettings(
                "main",
                tokenizer.identity(),
                Layout.NEXT_TOKEN,
                new Buckets(5, 5),
                LongDocuments.LONGEST_FIRST,
                0,
                0,
                TestStack.PARTITIONS);
    }

    private static int[] ids(ByteString tokens, int count) {
        ByteBuffer bytes = tokens.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        int[] ids = new int[count];
        for (int i = 0; i < count; i++) {
            ids[i] = Short.toUnsignedInt(bytes.getShort());
        }
        return ids;
    }

    /// Bytes, and two merges of two letters each.
    private static TokenizerFile file(String first, String second) throws JsonProcessingException {
        ObjectNode json = JSON.createObjectNode().put("version", "1.0");
        var added = json.putArray("added_tokens");
        added.addObject().put("id", END_OF_TEXT).put("content", "<end>").put("special", true);
        added.addObject().put("id", BEGIN_OF_TEXT).put("content", "<begin>").put("special", true);
        json.putObject("pre_tokenizer").put("type", "ByteLevel").put("add_prefix_space", false);
        ObjectNode model = json.putObject("model").put("type", "BPE");
        ObjectNode vocabulary = model.putObject("vocab");
        for (int value = 0; value < 256; value++) {
            vocabulary.put(Character.toString(ByteLevel.letter(value)), value);
        }
        vocabulary.put(first, 256).put(second, 257);
        model.putArray("merges").add(spaced(first)).add(spaced(second));
        return new TokenizerFile("small.json", Asset.of(JSON.writeValueAsBytes(json)));
    }

    private static String spaced(String pair) {
        return pair.charAt(0) + " " + pair.charAt(1);
    }
}
