package dev.dyadic.deploy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.dyadic.deploy.broker.EmbeddedBroker;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.proto.DirectoryLock;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.sampler.watch.SamplerView;
import dev.dyadic.v1.SamplerProto.GetBatchRequest;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What one does with a corpus besides training on it: look at it, at its records, at whether all is well; delete it.
class EverydayTest {
    private static final List<Texts.Text> TEXTS = Texts.make("doc-", 40, 1);

    @TempDir
    private static Path shared = Path.of("");

    @TempDir
    private Path directory = Path.of("");

    private static @Nullable TestStack started;

    @BeforeAll
    static void start() {
        started = new TestStack(shared);
        Texts.publish(started.stack().cluster(), started.stack().corpus().topics(), TEXTS);
    }

    @AfterAll
    static void stop() {
        stack().close();
    }

    private static TestStack stack() {
        return Objects.requireNonNull(started);
    }

    @Test
    void aCorpusAndItsRecordsCanBeLookedAt() throws Exception {
        TestStack test = stack();
        String kafka = "--kafka=" + test.stack().cluster().bootstrap();
        Topics topics = test.stack().corpus().topics();
        String prefix = "--prefix=" + topics.prefix();
        test.client().openRun("all", TestStack.bounded(1, 1).build());

        JsonNode listed =
                InProcess.run("corpus", "list", kafka, prefix, "-o", "json").json();
        assertThat(listed.path("corpora").findValuesAsText("corpus")).containsExactly("main");
        JsonNode described =
                InProcess.run("corpus", "describe", kafka, prefix, "-o", "json").json();
        assertThat(described.path("tokenizer").asText()).isEqualTo("bytes");
        assertThat(described.path("decomposers").asInt()).isPositive();
        assertThat(described
                        .path("topics")
                        .path(topics.ledger())
                        .path("records")
                        .asLong())
                .isPositive();

        Map<String, String> textOf = new HashMap<>();
        for (JsonNode record : InProcess.run("cat", "documents", kafka, prefix).jsonLines()) {
            assertThat(record.path("type").asText()).isEqualTo("Document");
            textOf.put(
                    record.path("value").path("id").asText(),
                    record.path("value").path("text").asText());
        }
        assertThat(textOf).hasSize(TEXTS.size());
        TEXTS.forEach(text -> assertThat(textOf).containsEntry(text.id(), text.text()));

        List<JsonNode> sequences = InProcess.run("cat", topics.prefix() + ".main.sequences.64", kafka, prefix)
                .jsonLines();
        assertThat(sequences).isNotEmpty();
        for (JsonNode record : sequences) {
            JsonNode sequence = record.path("value");
            assertThat(sequence.path("tokens")).hasSize(65);
            assertThat(textOf.get(sequence.path("documentId").asText()) + "<|endoftext|>")
                    .contains(sequence.path("text").asText());
        }
        List<JsonNode> ledger = InProcess.run("cat", "ledger", kafka, prefix).jsonLines();
        assertThat(ledger.stream().map(record -> record.path("type").asText()))
                .contains("Identity", "RunOpened", "Manifest");
        assertThat(InProcess.run("cat", "ledger", kafka, prefix, "--offset", "-1", "--partition", "0")
                        .jsonLines())
                .containsExactly(ledger.getLast());
        assertThat(InProcess.run("cat", "ledger", kafka, prefix, "--limit", "2").jsonLines())
                .isEqualTo(ledger.subList(0, 2));
        assertThat(InProcess.run("cat", "decomposer-seen-changelog", kafka, prefix)
                        .jsonLines())
                .anyMatch(record -> record.path("value").isNumber());

        assertThat(InProcess.run("cat", "sequences.64", kafka, prefix, "--offset", "-1", "--partition", "0")
                        .jsonLines())
                .as("the last record, though a transaction ends behind it")
                .containsExactly(sequences.stream()
                        .filter(record -> record.path("partition").asInt() == 0)
                        .reduce((_, last) -> last)
                        .orElseThrow());
        InProcess.Result missing = InProcess.run("cat", "nowhere", kafka, prefix);
        assertThat(missing.code()).isEqualTo(ExitCodes.USAGE);
        assertThat(missing.errors()).contains("there is no topic nowhere").contains(topics.ledger());
        InProcess.Result beyond = InProcess.run("cat", "ledger", kafka, prefix, "--partition", "9");
        assertThat(beyond.code()).isEqualTo(ExitCodes.USAGE);

        InProcess.Result busy = InProcess.run("corpus", "delete", kafka, prefix, "--yes");
        assertThat(busy.code()).isEqualTo(ExitCodes.FAILED);
        assertThat(busy.errors()).contains("decomposers are at work");
    }

    @Test
    void doctorLooksAtEverything() throws Exception {
        TestStack test = stack();
        String kafka = "--kafka=" + test.stack().cluster().bootstrap();
        String prefix = "--prefix=" + test.stack().corpus().topics().prefix();
        String sampler = "--sampler=" + test.stack().samplerAddress();

        JsonNode all =
                InProcess.run("doctor", kafka, prefix, sampler, "-o", "json").json();
        assertThat(all.path("ok").asBoolean()).isTrue();
        assertThat(StreamSupport.stream(all.path("findings").spliterator(), false)
                        .filter(finding -> finding.path("state").asText().equals("ok"))
                        .map(finding -> finding.path("what").asText()))
                .contains(
                        "Java",
                        "memory",
                        "ports",
                        "Kafka",
                        "corpus",
                        "topics",
                        "decomposer",
                        "sampler",
                        "version",
                        "clock of local at " + test.stack().samplerAddress());

        // Of several replicas, each is asked.
        InProcess.Result oneOfTwo = InProcess.run(
                "doctor", kafka, prefix, "--sampler=" + test.stack().samplerAddress() + ",127.0.0.1:1");
        assertThat(oneOfTwo.code()).isEqualTo(ExitCodes.FAILED);
        assertThat(oneOfTwo.out()).contains("ok    sampler").contains("FAIL  sampler");

        InProcess.Result noCorpus = InProcess.run("doctor", kafka, "--prefix=other", sampler);
        assertThat(noCorpus.code()).isEqualTo(ExitCodes.FAILED);
        assertThat(noCorpus.out()).contains("-> dyadic init --prefix other --corpus main");

        InProcess.Result nothing =
                InProcess.run("doctor", "--kafka=127.0.0.1:1", prefix, "--sampler=127.0.0.1:1", "--wait=0");
        assertThat(nothing.code()).isEqualTo(ExitCodes.FAILED);
        assertThat(nothing.out()).contains("no Kafka answers").contains("-> start one with: dyadic sample");

        assertThat(servicesBy(test.stack().samplerAddress())).contains("dyadic.v1.Sampler");
        assertThat(servicesBy(test.stack().ingestAddress())).contains("dyadic.v1.Ingest");
    }

    @Test
    void runOpenTellsWhatIsLikelyAMistake() {
        TestStack test = stack();
        String sampler = "--sampler=" + test.stack().samplerAddress();
        String tokens = "--tokens-per-step=" + TestStack.TOKENS_PER_STEP;
        String source = test.client().describeCorpus().getPools(0).getSource();
        String mistaken = source + "x";
        String told =
                "The run has no row of source '" + mistaken + "', which has a weight; did you mean '" + source + "'?";

        refused(List.of("run", "open", "no", sampler, tokens, "--max-wait=5s"), "--max-wait is for live runs");
        refused(List.of("run", "open", "no", sampler, tokens, "--live", "--passes=2"), "--passes is for bounded runs");
        assertThat(test.client().listRuns()).noneMatch(run -> run.getName().equals("no"));

        List<String> weighed = List.of("run", "open", sampler, tokens, "--source-weights=" + mistaken + "=3,others=1");
        InProcess.Result bounded = InProcess.run(InProcess.with(weighed, "weighed"));
        assertThat(bounded.code()).as(bounded.errors()).isZero();
        assertThat(bounded.errors()).contains(told);
        InProcess.Result live = InProcess.run(InProcess.with(weighed, "weighed-live", "--live"));
        assertThat(live.code()).as(live.errors()).isZero();
        assertThat(live.errors()).contains(told);
        InProcess.Result amended = InProcess.run(
                "run", "amend", "weighed-live", sampler, "--source-weights=" + mistaken + "=1," + source + "=1");
        assertThat(amended.code()).as(amended.errors()).isZero();
        assertThat(amended.errors()).contains(told);

        InProcess.Result empty =
                InProcess.run("run", "open", "empty", sampler, tokens, "--source-weights=" + mistaken + "=3");
        assertThat(empty.code()).isEqualTo(ExitCodes.FAILED);
        assertThat(empty.errors()).contains("run empty is open and has no step");
        refused(List.of("run", "steps", "empty", sampler, "--first=5", "--end=3"), "--end must be after --first");
    }

    @Test
    void aLiveRunThatNobodyReadsHasNothingToExport() {
        TestStack test = stack();
        test.client().openRun("unread", TestStack.live(4).build());
        InProcess.Result unread = InProcess.run(
                "export",
                "unread",
                "--sampler=" + test.stack().samplerAddress(),
                "--format=mds",
                "--to=" + directory.resolve("unread"));
        assertThat(unread.code()).isEqualTo(ExitCodes.FAILED);
        assertThat(unread.errors()).contains("it is planned as it is trained");
    }

    @Test
    void anExportTakesNothingThatIsNotItsOwn() throws Exception {
        TestStack test = stack();
        String sampler = "--sampler=" + test.stack().samplerAddress();
        test.client().openRun("exported", TestStack.bounded(1, 1).build());
        long steps = test.client().describeRun("exported").getTotalSteps();
        Path there = directory.resolve("there");
        List<String> parquet = List.of("export", "exported", sampler, "--to=" + there, "--format=parquet");

        JsonNode facts = InProcess.run(InProcess.with(parquet, "--steps=0..2", "-o", "json"))
                .json();
        assertThat(facts.path("endStep").asLong()).isEqualTo(2);
        assertThat(InProcess.run(InProcess.with(parquet, "--steps=..2")).out()).contains("are there already");
        assertThat(InProcess.run(InProcess.with(parquet, "-o", "json"))
                        .json()
                        .path("endStep")
                        .asLong())
                .as("a bounded run, to its end")
                .isEqualTo(steps);

        assertThat(InProcess.run("run", "steps", "exported", sampler, "-o", "json")
                        .json()
                        .path("steps"))
                .hasSize((int) steps);
        String kafka = "--kafka=" + test.stack().cluster().bootstrap();
        String prefix = "--prefix=" + test.stack().corpus().topics().prefix();
        assertThat(InProcess.run("audit", "exported", "--served", kafka, prefix, sampler, "-o", "json")
                        .json()
                        .path("ok")
                        .asBoolean())
                .isTrue();
        assertThat(tokensServed(test)).as("what tools look at is no training").isZero();
        test.client().getBatch(GetBatchRequest.newBuilder().setRun("exported").build());
        assertThat(tokensServed(test)).isPositive();

        try (DirectoryLock _ = DirectoryLock.acquire(there)) {
            InProcess.Result second = InProcess.run(parquet);
            assertThat(second.code()).isEqualTo(ExitCodes.FAILED);
            assertThat(second.errors()).contains("is in use by another program");
        }
        refused(InProcess.with(parquet, "--steps=0..1"), "holds the steps up to " + steps);
        refused(InProcess.with(parquet, "--steps=1.."), "its first step is 0, not 1");
        refused(InProcess.with(parquet, "--by=lengths"), "its grouping is steps, not lengths");
        refused(InProcess.with(parquet, "--format=mds"), "only once");
        refused(InProcess.with(parquet, "--steps=5..many"), "--steps must be A..B");
        refused(InProcess.with(parquet, "--steps=5..5"), "--steps must end after the step with which it begins");
        refused(InProcess.with(parquet, "--shard-size=1k"), "--shard-size must be from 1Mi to 2Gi");
        Path manifest = there.resolve("manifest.json");
        byte[] good = Files.readAllBytes(manifest);
        Files.writeString(
                manifest, new String(good, StandardCharsets.UTF_8).replace("\"version\" : 1", "\"version\" : 2"));
        refused(parquet, "is no manifest of an export of this version");
        for (String broken : List.of("", "{}", "null", "{\"version\": 1}", "no json")) {
            Files.writeString(manifest, broken);
            refused(parquet, "manifest.json is n");
        }
        Files.write(manifest, good);
        Path index = there.resolve("steps.npy");
        byte[] entries = Files.readAllBytes(index);
        entries[entries.length - 1] ^= 1;
        Files.write(index, entries);
        refused(parquet, "holds another export: its step " + (steps - 1) + " has the digest");
        Files.write(there.resolve("shard-00000.parquet"), new byte[] {1});
        refused(parquet, "is not as the export has left it");

        Files.delete(there.resolve("shard-00000.parquet"));
        refused(parquet, "which the export has written, is missing");

        Path folder = directory.resolve("other");
        List<String> other = List.of("export", "exported", sampler, "--to=" + folder);
        refused(InProcess.with(other, "--format=mds", "--steps=0..1M"), "has " + steps + " steps");
        refused(
                InProcess.with(other, "--format=mds", "--steps=1M.."),
                "has " + steps + " steps, so none from step 1000000 on");
        refused(InProcess.with(other, "--format=numpy", "--by=steps"), "needs --by lengths");
        assertThat(folder).as("what is refused leaves nothing").doesNotExist();
        Files.createDirectory(folder);
        Path mine = Files.writeString(folder.resolve("thesis.tex"), "mine");
        refused(InProcess.with(other, "--format=mds"), "holds thesis.tex and no export");
        assertThat(folder).isDirectoryContaining(path -> path.equals(mine)).isDirectoryNotContaining("glob:**.lock");
    }

    private static long tokensServed(TestStack test) {
        return test.stack().view().snapshot().runs().stream()
                .filter(run -> run.name().equals("exported"))
                .mapToLong(SamplerView.RunView::tokensServed)
                .sum();
    }

    private static void refused(List<String> line, String why) {
        InProcess.Result result = InProcess.run(line);
        assertThat(result.errors()).contains(why);
        assertThat(result.code()).isEqualTo(ExitCodes.USAGE);
    }

    /// What a client that has no .proto file sees.
    private static List<String> servicesBy(String address) throws Exception {
        ManagedChannel channel = Grpc.newChannelBuilder(address, InsecureChannelCredentials.create())
                .build();
        try {
            CompletableFuture<ServerReflectionResponse> answer = new CompletableFuture<>();
            StreamObserver<ServerReflectionRequest> asking = ServerReflectionGrpc.newStub(channel)
                    .serverReflectionInfo(new StreamObserver<>() {
                        @Override
                        public void onNext(ServerReflectionResponse response) {
                            answer.complete(response);
                        }

                        @Override
                        public void onError(Throwable failure) {
                            answer.completeExceptionally(failure);
                        }

                        @Override
                        public void onCompleted() {
                            // The answer has come before.
                        }
                    });
            asking.onNext(
                    ServerReflectionRequest.newBuilder().setListServices("").build());
            List<String> names = answer.get(20, TimeUnit.SECONDS).getListServicesResponse().getServiceList().stream()
                    .map(ServiceResponse::getName)
                    .toList();
            asking.onCompleted();
            return names;
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void aCorpusIsDeletedForGoodAndMadeAnewFromItsDocuments() throws Exception {
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory.resolve("broker"), 0)) {
            String kafka = "--kafka=" + broker.bootstrap();
            Topics topics = new Topics("dyadic", "main");
            InProcess.run("init", kafka, "--tokenizer", "bytes", "--max-length", "128", "-o", "json")
                    .json();
            InProcess.run("init", kafka, "--corpus", "main2", "--tokenizer", "bytes", "-o", "json")
                    .json();
            Texts.publish(Cluster.at(broker.bootstrap()), topics, Texts.make("doc-", 3, 1));

            assertThat(InProcess.run("init", kafka, "-o", "json")
                            .json()
                            .path("lengths")
                            .asText())
                    .as("what is not given is what the corpus has")
                    .isEqualTo("64..128");
            InProcess.Result other = InProcess.run("init", kafka, "--max-length", "256");
            assertThat(other.code()).isNotZero();
            assertThat(other.errors()).contains("is another one");

            // A corpus of this name would share its topics with the prefix.
            assertThat(InProcess.run("corpus", "delete", kafka, "--corpus", "documents", "--yes")
                            .errors())
                    .contains("corpus must not be called documents");
            // Jobs belong to the prefix.
            Path file = Files.writeString(directory.resolve("one.jsonl"), "{\"text\": \"a text\"}\n");
            assertThat(InProcess.run("ingest", kafka, file.toString()).code()).isZero();
            assertThat(InProcess.run("corpus", "delete", kafka, "--corpus", "ingest", "--yes")
                            .errors())
                    .contains("there is no corpus ingest");
            JsonNode jobs = InProcess.run("jobs", kafka, "-o", "json").json().path("jobs");
            assertThat(jobs).hasSize(1);
            JsonNode job = InProcess.run("jobs", jobs.get(0).path("job").asText(), kafka, "-o", "json")
                    .json();
            assertThat(job.path("job")).isEqualTo(jobs.get(0).path("job"));
            assertThat(job.path("inputs")).hasSize(1);
            InProcess.Result unasked = InProcess.run("corpus", "delete", kafka);
            assertThat(unasked.code()).isEqualTo(ExitCodes.USAGE);
            assertThat(unasked.errors()).contains("give --yes");

            InProcess.run("corpus", "delete", kafka, "--yes", "-o", "json").json();

            assertThat(InProcess.run("corpus", "list", kafka, "-o", "json")
                            .json()
                            .path("corpora")
                            .findValuesAsText("corpus"))
                    .as("only that one")
                    .containsExactly("main2");
            assertThat(InProcess.run("corpus", "delete", kafka, "--yes").errors())
                    .contains("there is no corpus main");
            assertThat(InProcess.run("init", kafka, "--tokenizer", "bytes", "--max-length", "256", "-o", "json")
                            .json()
                            .path("lengths")
                            .asText())
                    .isEqualTo("64..256");
            assertThat(InProcess.run("cat", "documents", kafka).jsonLines())
                    .as("documents stay")
                    .hasSize(4);
            assertThat(InProcess.run("cat", "ingest.jobs", kafka).jsonLines())
                    .as("jobs stay")
                    .isNotEmpty();
        }
    }
}
