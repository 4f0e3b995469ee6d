package dev.dyadic.sampler.serve;

import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.rpc.StreamReset;
import dev.dyadic.v1.SamplerProto.Batch;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// A stream of batches that sends only when the client's window has room, so that memory stays bounded.
final class BatchStream implements StreamLoop.Sink {
    private static final int UNREAD_END_SECONDS = 5;

    private final ServerCallStreamObserver<Batch> observer;
    private final StreamReset reset = StreamReset.current();
    /// The last byte has left, or never will.
    private final CountDownLatch left = new CountDownLatch(1);
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
            dropUnread(maxUnreadMillis + TimeUnit.NANOSECONDS.toMillis(UnreadAnswers.transferNanos(share)));
        }
    }

    void fail(RuntimeException failure) {
        if (!observer.isCancelled()) {
            observer.onError(failure);
            dropUnread(TimeUnit.SECONDS.toMillis(UNREAD_END_SECONDS));
        }
    }

    /// What is sent last waits behind all that the client has not read. A client that does not read it for long does
    /// not get it, and keeps no bytes.
    private void dropUnread(long afterMillis) {
        try {
            if (!left.await(afterMillis, TimeUnit.MILLISECONDS)) {
                reset.reset();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void end(CallBudget.Share share) {
        share.close();
        left.countDown();
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
