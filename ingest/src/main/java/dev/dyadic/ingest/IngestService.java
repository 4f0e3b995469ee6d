package dev.dyadic.ingest;

import com.google.protobuf.ByteString;
import dev.dyadic.ingest.document.DocumentFields;
import dev.dyadic.ingest.document.DocumentRules;
import dev.dyadic.ingest.document.Parsed;
import dev.dyadic.ingest.document.RefusedException;
import dev.dyadic.v1.IngestGrpc;
import dev.dyadic.v1.IngestProto.PublishRequest;
import dev.dyadic.v1.IngestProto.PublishResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Documents over gRPC. Of each call, one document is taken at a time, and none while too many are not acknowledged
/// yet.
final class IngestService extends IngestGrpc.IngestImplBase {
    private static final Logger LOG = LoggerFactory.getLogger(IngestService.class);
    private static final String ORIGIN = "grpc";
    private static final int MAX_UNACKNOWLEDGED = 256;

    private final DocumentSink sink;
    private final DocumentRules rules;
    private final Semaphore calls;
    private final int maxCalls;

    IngestService(DocumentSink sink, DocumentRules rules, int maxCalls) {
        this.sink = sink;
        this.rules = rules;
        this.calls = new Semaphore(maxCalls);
        this.maxCalls = maxCalls;
    }

    @Override
    public StreamObserver<PublishRequest> publish(StreamObserver<PublishResponse> observer) {
        ServerCallStreamObserver<PublishResponse> answers = (ServerCallStreamObserver<PublishResponse>) observer;
        if (!calls.tryAcquire()) {
            answers.onError(Status.RESOURCE_EXHAUSTED
                    .withDescription("at most " + maxCalls + " calls publish at a time: try again later")
                    .asRuntimeException());
            return new Ignored();
        }
        answers.disableAutoRequest();
        Call call = new Call(answers);
        answers.setOnReadyHandler(call::resume);
        answers.setOnCloseHandler(calls::release);
        answers.setOnCancelHandler(calls::release);
        answers.request(1);
        return call;
    }

    /// One call. gRPC delivers its documents one after the other; Kafka's threads deliver acknowledgements.
    private final class Call implements StreamObserver<PublishRequest> {
        private final ServerCallStreamObserver<PublishResponse> answers;
        private long received;
        private long answered;
        /// Whether the next document is taken only after an acknowledgement, or when the client has read its answers.
        private boolean waiting;

        private boolean complete;
        private boolean ended;

        Call(ServerCallStreamObserver<PublishResponse> answers) {
            this.answers = answers;
        }

        @Override
        public void onNext(PublishRequest request) {
            long number;
            synchronized (this) {
                number = received++;
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
