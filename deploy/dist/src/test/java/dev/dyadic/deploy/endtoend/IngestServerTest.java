package dev.dyadic.deploy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.ingest.IngestServer;
import dev.dyadic.proto.rpc.ListenSettings;
import dev.dyadic.v1.IngestGrpc;
import dev.dyadic.v1.IngestProto.PublishRequest;
import dev.dyadic.v1.IngestProto.PublishResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Documents over gRPC.
class IngestServerTest {
    private static final int DOCUMENTS = 700;

    @TempDir
    private static Path directory = Path.of("");

    private static TestStack test = null;
    private static ManagedChannel channel = null;

    @BeforeAll
    static void start() {
        test = new TestStack(directory.resolve("stack"));
        channel = NettyChannelBuilder.forTarget(test.stack().ingestAddress())
                .usePlaintext()
                .build();
    }

    @AfterAll
    static void stop() {
        channel.shutdownNow();
        test.close();
    }

    @Test
    void everyDocumentIsAnsweredAndThoseAcceptedAreServed() {
        List<PublishRequest> requests = new ArrayList<>();
        for (int i = 0; i < DOCUMENTS; i++) {
            requests.add(
                    document("doc-" + i, "a text of document %d. ".formatted(i).repeat(20)));
        }
        requests.add(document("", ""));
        requests.add(document("x".repeat(2000), "text"));
        requests.add(document("", "without an id: " + "text ".repeat(100)));

        List<PublishResponse> answers = publish(requests);

        assertThat(answers.stream().map(PublishResponse::getNumber).sorted().toList())
                .isEqualTo(LongStream.range(0, requests.size()).boxed().toList());
        List<PublishResponse> refused = answers.stream()
                .filter(answer -> !answer.getRefused().isEmpty())
                .toList();
        assertThat(refused)
                .extracting(PublishResponse::getRefused)
                .containsExactlyInAnyOrder("empty-text", "too-large");
        assertThat(refused)
                .extracting(PublishResponse::getDetail)
                .contains("expected at most 1024 bytes of 'id', but there are 2000");
        assertThat(answers.stream()
                        .filter(answer -> answer.getNumber() == DOCUMENTS + 2)
                        .findFirst()
                        .orElseThrow()
                        .getId())
                .hasSize(32);
        // Opening a bounded run waits until what was accepted is decomposed.
        assertThat(test.client()
                        .openRun("published", TestStack.bounded(1, 1).build())
                        .getTotalSteps())
                .isPositive();
    }

    @Test
    void aMessageThatIsTooLargeEndsTheCallWithItsReason() {
        PublishRequest large = document("large", "x".repeat(5 << 20));

        assertThatThrownBy(() -> publish(List.of(large)))
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED));
    }

    @Test
    void aCallThatIsSilentIsEndedAndWhatItPublishedBeforeIsAcknowledged() throws Exception {
        try (IngestServer server = IngestServer.start(
                test.stack().cluster(),
                test.stack().corpus().topics(),
                ListenSettings.loopback(0),
                "grpc",
                Duration.ofSeconds(2),
                new SimpleMeterRegistry())) {
            ManagedChannel own = NettyChannelBuilder.forTarget(server.address())
                    .usePlaintext()
                    .build();
            Published published = new Published();

            IngestGrpc.newStub(own).publish(published).onNext(document("before", "a text before the silence"));

            assertThatThrownBy(published::await).cause().isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
                assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
                assertThat(e.getStatus().getDescription())
                        .isEqualTo("no document came, or no answer was read, for 2 s: open another call when there"
                                + " is something to publish");
            });
            assertThat(published.answers()).extracting(PublishResponse::getId).containsExactly("before");
            own.shutdownNow();
        }
    }

    private static PublishRequest document(String id, String text) {
        return PublishRequest.newBuilder()
                .setId(id)
                .setText(text)
                .setSource("grpc")
                .build();
    }

    private static List<PublishResponse> publish(List<PublishRequest> requests) {
        Published published = new Published();
        StreamObserver<PublishRequest> call = IngestGrpc.newStub(channel).publish(published);
        requests.forEach(call::onNext);
        call.onCompleted();
        return published.await();
    }
}
