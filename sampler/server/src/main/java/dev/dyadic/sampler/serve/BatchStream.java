package dev.dyadic.sampler.serve;

import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.rpc.StreamReset;
import dev.dyadic.v1.SamplerProto.Batch;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// A stream of batches that sends only when the client's window has room, so that memory stays bounded. What is sent
/// last
/// waits behind all that the client has not read; a client that does not read it for long does not get it.
final class BatchStream implements StreamLoop.Sink {
    private final ServerCallStreamObserver<Batch> observer;
    private final StreamReset reset = StreamReset.current();
    private final CallBudget.Share share;
    private final long maxUnreadMillis;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /// Has to be made before the call's method returns.
    ///
    /// @param share closed when the last byte has left, or never will
    /// @param maxUnreadMillis after which a stream is ended that nobody reads
    BatchStream(ServerCallStreamObserver<Batch> observer, CallBudget.Share share, long maxUnreadMillis) {
        this.observer = observer;
        this.share = share;
        this.maxUnreadMillis = maxUnreadMillis;
        observer.setOnReadyThreshold(CallBudget.STREAM_QUEUE_BYTES);
        observer.setOnReadyHandler(this::wake);
        observer.setOnCloseHandler(() -> end(share));
        observer.setOnCancelHandler(() -> end(share));
    }

    @Override
    public boolean awaitReady() throws InterruptedException {
        long left = TimeUnit.MILLISECONDS.toNanos(maxUnreadMillis);
        lock.lock();
        try {
            while (!observer.isReady() && !observer.isCancelled()) {
                if (left <= 0) {
                    throw new DyadicException(
                            DyadicException.Kind.NOT_READY,
                            "nobody has read this stream for " + maxUnreadMillis + " ms, so the sampler ends it: open"
                                    + " another one at the step that comes next");
                }
                left = changed.awaitNanos(left);
            }
            return !observer.isCancelled();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void send(Batch batch) {
        if (!observer.isCancelled()) {
            observer.onNext(batch);
        }
    }

    @Override
    public void complete() {
        if (!observer.isCancelled()) {
            observer.onCompleted();
            reset.resetIn(UnreadAnswers.patience(share, maxUnreadMillis));
        }
    }

    void fail(RuntimeException failure) {
        if (!observer.isCancelled()) {
            observer.onError(failure);
            reset.resetIn(StreamReset.GRACE);
        }
    }

    private void end(CallBudget.Share share) {
        share.close();
        wake();
    }

    private void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
