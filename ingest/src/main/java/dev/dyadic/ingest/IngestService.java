package dev.dyadic.ingest;

import com.google.protobuf.ByteString;
import dev.dyadic.ingest.document.DocumentFields;
import dev.dyadic.ingest.document.DocumentRules;
import dev.dyadic.ingest.document.Parsed;
import dev.dyadic.ingest.document.RefusedException;
import dev.dyadic.proto.rpc.Caller;
import dev.dyadic.proto.rpc.StreamReset;
import dev.dyadic.v1.IngestGrpc;
import dev.dyadic.v1.IngestProto.PublishRequest;
import dev.dyadic.v1.IngestProto.PublishResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Documents over gRPC. Of each call, one document is taken at a time, and none while too many are not acknowledged
/// yet. Calls have places, see [PublishSlots]; one that is silent for long is ended.
final class IngestService extends IngestGrpc.IngestImplBase implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(IngestService.class);
    private static final String ORIGIN = "grpc";
    private static final int MAX_UNACKNOWLEDGED = 256;
    /// A call that is silent for so long gives its place to a caller who has none.
    private static final Duration YIELD = Duration.ofSeconds(5);
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final DocumentSink sink;
    private final DocumentRules rules;
    private final PublishSlots slots;
    private final Duration maxIdle;
    private final Thread looking = Thread.ofVirtual().name("dyadic-idle").unstarted(this::look);

    /// @param maxIdle after which a call that sends nothing, or does not read its answers, is ended
    IngestService(DocumentSink sink, DocumentRules rules, int maxCalls, Duration maxIdle) {
        this.sink = sink;
        this.rules = rules;
        this.slots = new PublishSlots(maxCalls, YIELD.toNanos());
        this.maxIdle = maxIdle;
        looking.start();
    }

    @Override
    public void close() {
        looking.interrupt();
    }

    @Override
    public StreamObserver<PublishRequest> publish(StreamObserver<PublishResponse> observer) {
        ServerCallStreamObserver<PublishResponse> answers = (ServerCallStreamObserver<PublishResponse>) observer;
        Call call = new Call(answers);
        switch (slots.enter(Caller.account(), call, System.nanoTime())) {
            case PublishSlots.Entry.Refused(String reason) -> {
                answers.onError(
                        Status.RESOURCE_EXHAUSTED.withDescription(reason).asRuntimeException());
                return new Ignored();
            }
            case PublishSlots.Entry.Taken(PublishSlots.Slot slot) -> {
                answers.disableAutoRequest();
                answers.setOnReadyHandler(call::resume);
                answers.setOnCloseHandler(() -> slots.leave(slot));
                answers.setOnCancelHandler(() -> slots.leave(slot));
            }
        }
        answers.request(1);
        return call;
    }

    private void look() {
        try {
            while (true) {
                TimeUnit.NANOSECONDS.sleep(LOOK.toNanos());
                slots.silent(System.nanoTime(), maxIdle.toNanos())
                        .forEach(call -> call.end("no document came, or no answer was read, for " + maxIdle.toSeconds()
                                + " s: open another call when there is something to publish"));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// One call. gRPC delivers its documents one after the other; Kafka's threads deliver acknowledgements.
    private final class Call implements StreamObserver<PublishRequest>, PublishSlots.Occupant {
        private final ServerCallStreamObserver<PublishResponse> answers;
        private final StreamReset reset = StreamReset.current();
        /// When it last had something to do.
        private long busyNanos = System.nanoTime();
        private long received;
        private long answered;
        /// Whether the next document is taken only after an acknowledgement, or when the client has read its answers.
        private boolean waiting;

        private boolean complete;
        private boolean ended;
        /// Whether the stream is to be reset where it does not end.
        private boolean resetting;

        Call(ServerCallStreamObserver<PublishResponse> answers) {
            this.answers = answers;
        }

        @Override
        public void onNext(PublishRequest request) {
            long number;
            synchronized (this) {
                if (ended) {
                    return;
                }
                number = received++;
                busyNanos = System.nanoTime();
            }
            DocumentFields fields = new DocumentFields()
                    .id(request.getId())
                    .text(request.getTextBytes().toByteArray())
                    .source(request.getSource())
                    .time(request.hasEventTimeMillis() ? request.getEventTimeMillis() : null);
            request.getAttributesMap().forEach(fields::attribute);
            try {
                Parsed.Accepted accepted = fields.document(rules);
                String id = accepted.document().getId();
                sink.accept(
                        accepted.document(),
                        failure -> answer(
                                PublishResponse.newBuilder().setNumber(number).setId(id), failure));
            } catch (RefusedException e) {
                refuse(request, number, e);
            }
            takeNext();
        }

        private synchronized void takeNext() {
            if (received - answered < MAX_UNACKNOWLEDGED && answers.isReady()) {
                answers.request(1);
            } else {
                waiting = true;
            }
        }

        private void refuse(PublishRequest request, long number, RefusedException e) {
            Parsed.Refused refused = e.refused(request.getId());
            ByteString bytes = request.toByteString();
            sink.refuse(
                    refused,
                    new DocumentRecords.Origin(ORIGIN, number, bytes.asReadOnlyByteBuffer(), bytes.size()),
                    failure -> answer(
                            PublishResponse.newBuilder()
                                    .setNumber(number)
                                    .setId(request.getId())
                                    .setRefused(refused.reason())
                                    .setDetail(DocumentRecords.cut(refused.detail())),
                            failure));
        }

        private synchronized void answer(PublishResponse.Builder response, @Nullable Exception failure) {
            answered++;
            busyNanos = System.nanoTime();
            if (ended || answers.isCancelled()) {
                return;
            }
            if (failure != null) {
                LOG.warn("Kafka did not take a document", failure);
                ended = true;
                answers.onError(Status.UNAVAILABLE
                        .withDescription("Kafka did not take a document: " + failure.getMessage()
                                + "; publish again what was not acknowledged")
                        .asRuntimeException());
                return;
            }
            answers.onNext(response.build());
            resume();
            endIfDone();
        }

        /// Takes the next document where one was waited with, and the client reads its answers.
        synchronized void resume() {
            if (waiting && answers.isReady()) {
                waiting = false;
                answers.request(1);
            }
        }

        @Override
        public synchronized @Nullable Long silentSinceNanos() {
            return !ended && answered < received ? null : busyNanos;
        }

        @Override
        public void end(String reason) {
            synchronized (this) {
                if (resetting) {
                    return;
                }
                resetting = true;
                if (!ended) {
                    ended = true;
                    answers.onError(Status.UNAVAILABLE.withDescription(reason).asRuntimeException());
                }
            }
            reset.resetIn(StreamReset.GRACE);
        }

        private void endIfDone() {
            if (complete && answered == received && !ended) {
                ended = true;
                answers.onCompleted();
            }
        }

        @Override
        public synchronized void onCompleted() {
            complete = true;
            endIfDone();
        }

        @Override
        public synchronized void onError(Throwable cause) {
            // The client is gone; what Kafka has, it has.
            ended = true;
        }
    }

    private static final class Ignored implements StreamObserver<PublishRequest> {
        @Override
        public void onNext(PublishRequest request) {
            // The call has ended.
        }

        @Override
        public void onError(Throwable cause) {
            // The call has ended.
        }

        @Override
        public void onCompleted() {
            // The call has ended.
        }
    }
}
