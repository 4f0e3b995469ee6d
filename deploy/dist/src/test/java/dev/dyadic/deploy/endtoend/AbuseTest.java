package dev.dyadic.deploy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.v1.IngestGrpc;
import dev.dyadic.v1.IngestProto.PublishRequest;
import dev.dyadic.v1.IngestProto.PublishResponse;
import dev.dyadic.v1.SamplerGrpc;
import dev.dyadic.v1.SamplerProto.Batch;
import dev.dyadic.v1.SamplerProto.GetBatchRequest;
import dev.dyadic.v1.SamplerProto.StreamBatchesRequest;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// What clients can do to a sampler of 96 MiB and an ingest server of 128 MiB: after each abuse both live, and serve
/// the same bytes.
@EnabledOnOs(OS.LINUX)
class AbuseTest {
    private static final int SAMPLER_HEAP_MIB = 96;
    private static final int INGEST_HEAP_MIB = 128;
    private static final int MAX_CONNECTIONS = 64;
    /// Heap, direct memory of the same size, and what a JVM takes besides.
    private static final long MAX_SAMPLER_MIB = 2 * SAMPLER_HEAP_MIB + 250;

    private static final long MAX_INGEST_MIB = 2 * INGEST_HEAP_MIB + 250;
    private static final Path REPORT = Path.of("target", "abuse.txt");
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int PING = 6;
    private static final int SETTINGS = 4;
    private static final int HEADERS = 1;
    private static final int CONTINUATION = 9;

    @TempDir
    private static Path directory = Path.of("");

    private static TestStack test = null;
    private static ServiceProcess sampler = null;
    private static ServiceProcess ingest = null;
    private static Batch expected = Batch.getDefaultInstance();

    @BeforeAll
    static void start() throws IOException {
        test = new TestStack(directory.resolve("stack"));
        Texts.publish(test.stack().cluster(), test.stack().corpus().topics(), Texts.make("doc-", 8000, 7));
        String kafka = test.stack().cluster().bootstrap();
        sampler = ServiceProcess.sampler(
                directory.resolve("sampler.log"),
                SAMPLER_HEAP_MIB,
                test,
                directory.resolve("rows"),
                "--max-connections",
                Integer.toString(MAX_CONNECTIONS));
        ingest = new ServiceProcess(
                directory.resolve("ingest.log"),
                INGEST_HEAP_MIB,
                List.of(
                        "ingest",
                        "--kafka",
                        kafka,
                        "--prefix",
                        test.stack().corpus().topics().prefix(),
                        "--listen",
                        "127.0.0.1:0",
                        "-o",
                        "json"));
        try (SamplerClient client = new SamplerClient(sampler.address("sampler"), 30_000)) {
            // 2 MiB a batch.
            client.openRun(
                    "large", TestStack.bounded(1, 1).setTokensPerStep(1 << 20).build());
            client.openRun("live", TestStack.live(6).build());
            expected = first(client);
        }
        Files.writeString(REPORT, "");
    }

    @AfterAll
    static void stop() {
        ingest.close();
        sampler.close();
        test.close();
    }

    @Test
    void moreConnectionsThanAllowed() throws IOException {
        List<Socket> sockets = new ArrayList<>();
        try {
            int closed = 0;
            for (int i = 0; i < 1000; i++) {
                Socket socket = connect(sampler.port("sampler"));
                sockets.add(socket);
                if (i >= 2 * MAX_CONNECTIONS && isClosed(socket)) {
                    closed++;
                }
            }
            assertThat(closed).isEqualTo(1000 - 2 * MAX_CONNECTIONS);
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }

        requireSameBytes("1,000 connections, of which " + MAX_CONNECTIONS + " may be open");
    }

    @Test
    void answersThatNobodyReads() throws Exception {
        ManagedChannel channel = unread(sampler.address("sampler"));
        try {
            List<CompletableFuture<Status>> ends = new ArrayList<>();
            for (int i = 0; i < 120; i++) {
                ends.add(start(
                        channel,
                        SamplerGrpc.getGetBatchMethod(),
                        GetBatchRequest.newBuilder().setRun("large").build(),
                        new Metadata()));
            }
            TimeUnit.SECONDS.sleep(3);
            // Those that may wait do; the others were told why.
            assertThat(ends)
                    .filteredOn(CompletableFuture::isDone)
                    .allSatisfy(end -> assertThat(end.resultNow().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED));
        } finally {
            channel.shutdownNow();
        }

        requireSameBytes("120 answers of 2 MiB that nobody reads");
    }

    @Test
    void streamsThatNobodyReads() throws Exception {
        ManagedChannel channel = unread(sampler.address("sampler"));
        try {
            for (int i = 0; i < 120; i++) {
                CompletableFuture<Status> _ = start(
                        channel,
                        SamplerGrpc.getStreamBatchesMethod(),
                        StreamBatchesRequest.newBuilder().setRun("large").build(),
                        new Metadata());
            }
            TimeUnit.SECONDS.sleep(3);
        } finally {
            channel.shutdownNow();
        }

        requireSameBytes("120 streams of 2 MiB batches that nobody reads");
    }

    @Test
    void callsThatWaitForDataAndStepsFarAhead() throws Exception {
        ManagedChannel channel = unread(sampler.address("sampler"));
        try {
            GetBatchRequest far = GetBatchRequest.newBuilder()
                    .setRun("live")
                    .setStep(1_000_000_000L)
                    .build();
            Status status = start(channel, SamplerGrpc.getGetBatchMethod(), far, new Metadata())
                    .get(20, TimeUnit.SECONDS);
            assertThat(status.getCode()).isEqualTo(Status.Code.OUT_OF_RANGE);
            List<ManagedChannel> channels = new ArrayList<>();
            List<CompletableFuture<Status>> ends = new ArrayList<>();
            long planned = planned();
            for (int i = 0; i < 10; i++) {
                channels.add(unread(sampler.address("sampler")));
                for (int j = 0; j < 100; j++) {
                    ends.add(start(
                            channels.getLast(),
                            SamplerGrpc.getGetBatchMethod(),
                            GetBatchRequest.newBuilder()
                                    .setRun("live")
                                    .setStep(planned + 63)
                                    .build(),
                            new Metadata()));
                }
            }
            TimeUnit.SECONDS.sleep(3);
            assertThat(ends)
                    .as("calls that wait hold nothing that others need, so none is turned away")
                    .noneMatch(CompletableFuture::isDone);
            requireSameBytes("1,000 calls that wait for data, while they wait");
            channels.forEach(ManagedChannel::shutdownNow);
        } finally {
            channel.shutdownNow();
        }

        requireSameBytes("1,000 calls that wait for data");
    }

    @Test
    void requestsThatAreTooLarge() throws Exception {
        ManagedChannel channel = unread(sampler.address("sampler"));
        try {
            for (int i = 0; i < 50; i++) {
                Status status = start(
                                channel,
                                SamplerGrpc.getGetBatchMethod(),
                                GetBatchRequest.newBuilder()
                                        .setRun("x".repeat(8 << 20))
                                        .build(),
                                new Metadata())
                        .get(20, TimeUnit.SECONDS);
                assertThat(status.getCode()).isIn(Status.Code.RESOURCE_EXHAUSTED, Status.Code.CANCELLED);
            }
        } finally {
            channel.shutdownNow();
        }

        requireSameBytes("50 requests of 8 MiB, of which 1 MiB is allowed");
    }

    @Test
    void headersThatAreTooLarge() throws Exception {
        ManagedChannel channel = unread(sampler.address("sampler"));
        try {
            Metadata headers = new Metadata();
            headers.put(Metadata.Key.of("padding", Metadata.ASCII_STRING_MARSHALLER), "x".repeat(64 << 10));
            for (int i = 0; i < 100; i++) {
                Status status = start(
                                channel, SamplerGrpc.getGetBatchMethod(), GetBatchRequest.getDefaultInstance(), headers)
                        .get(20, TimeUnit.SECONDS);
                assertThat(status.isOk()).isFalse();
            }
        } finally {
            channel.shutdownNow();
        }
        // Headers that never end: the connection is closed long before all of them are sent.
        byte[] part = new byte[16_000];
        new Random(1).nextBytes(part);
        assertThat(framesTaken(HEADERS, 1, part, CONTINUATION, 4000)).isLessThan(4000);

        requireSameBytes("headers of 64 KiB, and headers that never end");
    }

    @Test
    void pingsWithoutEnd() throws IOException {
        assertThat(framesTaken(PING, 0, new byte[8], PING, 2_000_000)).isLessThan(2_000_000);

        requireSameBytes("2,000,000 pings");
    }

    @Test
    void streamsThatAreOpenedAndReset() throws Exception {
        ManagedChannel channel = unread(sampler.address("sampler"));
        try {
            for (int i = 0; i < 20_000; i++) {
                ClientCall<GetBatchRequest, Batch> call =
                        channel.newCall(SamplerGrpc.getGetBatchMethod(), CallOptions.DEFAULT);
                call.start(new ClientCall.Listener<>() {}, new Metadata());
                call.sendMessage(GetBatchRequest.newBuilder().setRun("large").build());
                call.cancel("reset by the test", null);
            }
            TimeUnit.SECONDS.sleep(1);
        } finally {
            channel.shutdownNow();
        }

        requireSameBytes("20,000 streams opened and reset");
    }

    @Test
    void publishingWithoutReadingTheAnswers() throws Exception {
        ManagedChannel channel = NettyChannelBuilder.forTarget(ingest.address("ingest"))
                .usePlaintext()
                .build();
        try {
            for (int i = 0; i < 40; i++) {
                ClientCall<PublishRequest, PublishResponse> call =
                        channel.newCall(IngestGrpc.getPublishMethod(), CallOptions.DEFAULT);
                call.start(new ClientCall.Listener<>() {}, new Metadata());
                for (int j = 0; j < 5; j++) {
                    call.sendMessage(PublishRequest.newBuilder()
                            .setText("y".repeat(1 << 20) + i + " " + j)
                            .build());
                }
            }
            TimeUnit.SECONDS.sleep(4);
        } finally {
            channel.shutdownNow();
        }

        ingest.requireWell();
        report("ingest, " + INGEST_HEAP_MIB + " MiB", "40 calls that publish 5 MiB each and read no answer", ingest);
        assertThat(ingest.peakMib()).isLessThan(MAX_INGEST_MIB);
        assertThat(test.client().describeCorpus().getCorpus()).isEqualTo("main");
    }

    private static long planned() {
        try (SamplerClient client = new SamplerClient(sampler.address("sampler"), 30_000)) {
            return client.describeRun("live").getStepsPlanned();
        }
    }

    private static void requireSameBytes(String abuse) throws IOException {
        sampler.requireWell();
        try (SamplerClient client = new SamplerClient(sampler.address("sampler"), 30_000)) {
            assertThat(first(client)).isEqualTo(expected);
        }
        sampler.requireWell();
        report("sampler, " + SAMPLER_HEAP_MIB + " MiB", abuse, sampler);
        assertThat(sampler.peakMib()).isLessThan(MAX_SAMPLER_MIB);
    }

    private static void report(String who, String abuse, ServiceProcess process) throws IOException {
        Files.writeString(
                REPORT,
                "%-18s %-60s peak %d MiB%n".formatted(who, abuse, process.peakMib()),
                StandardOpenOption.APPEND);
    }

    static Batch first(SamplerClient client) {
        return client.getBatch(GetBatchRequest.newBuilder().setRun("large").build());
    }

    /// A channel with a small window, so that answers stay at the server.
    static ManagedChannel unread(String address) {
        return NettyChannelBuilder.forTarget(address)
                .usePlaintext()
                .flowControlWindow(65_535)
                .build();
    }

    /// Calls, and never asks for an answer.
    static <Q, A> CompletableFuture<Status> start(
            ManagedChannel channel, MethodDescriptor<Q, A> method, Q request, Metadata headers) {
        CompletableFuture<Status> ended = new CompletableFuture<>();
        ClientCall<Q, A> call = channel.newCall(method, CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        ended.complete(status);
                    }
                },
                headers);
        call.sendMessage(request);
        call.halfClose();
        return ended;
    }

    /// Sends frames until the server closes the connection.
    ///
    /// @return how many it took
    private static int framesTaken(int firstType, int stream, byte[] payload, int type, int most) throws IOException {
        try (Socket socket = connect(sampler.port("sampler"))) {
            OutputStream out = socket.getOutputStream();
            out.write(PREFACE);
            out.write(frame(SETTINGS, 0, new byte[0]));
            out.write(frame(firstType, stream, payload));
            byte[] next = frame(type, stream, payload);
            for (int i = 0; i < most; i++) {
                try {
                    out.write(next);
                } catch (IOException e) {
                    return i;
                }
            }
            return most;
        }
    }

    private static byte[] frame(int type, int stream, byte[] payload) {
        return ByteBuffer.allocate(9 + payload.length)
                .put((byte) (payload.length >> 16))
                .putShort((short) payload.length)
                .put((byte) type)
                .put((byte) 0)
                .putInt(stream)
                .put(payload)
                .array();
    }

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(5_000);
        return socket;
    }

    /// A server that takes a connection speaks first.
    private static boolean isClosed(Socket socket) {
        try {
            return socket.getInputStream().read() < 0;
        } catch (IOException e) {
            return true;
        }
    }
}
