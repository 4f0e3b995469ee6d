package dev.dyadic.sampler.serve;

import dev.dyadic.v1.SamplerProto.Batch;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// A stream of batches that sends only when the client's window has room, so that memory stays bounded.
final class BatchStream implements StreamLoop.Sink {
    /// Queued for sending while the next batch is gathered.
    private static final int READY_BYTES = 1 << 20;

    private final ServerCallStreamObserver<Batch> observer;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /// Has to be made before the call's method returns.
    ///
    /// @param share closed when the last byte has left, or never will
    BatchStream(ServerCallStreamObserver<Batch> observer, CallBudget.Share share) {
        this.observer = observer;
        observer.setOnReadyThreshold(READY_BYTES);
        observer.setOnReadyHandler(this::wake);
        observer.setOnCloseHandler(share::close);
        observer.setOnCancelHandler(() -> {
            share.close();
            wake();
        });
    }

    @Override
    public boolean awaitReady() throws InterruptedException {
        lock.lock();
        try {
            while (!observer.isReady() && !observer.isCancelled()) {
                changed.await();
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
        }
    }

    void fail(RuntimeException failure) {
        if (!observer.isCancelled()) {
            observer.onError(failure);
        }
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
