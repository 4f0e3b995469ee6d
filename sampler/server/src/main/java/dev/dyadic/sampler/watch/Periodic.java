package dev.dyadic.sampler.watch;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Does the same thing again and again on a thread of its own, until it is closed. Whatever one round throws is logged,
/// once for each new reason, and the next round comes all the same.
final class Periodic implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Periodic.class);

    private final String name;
    private final Runnable round;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Thread thread;
    private String lastFailure = "";

    Periodic(String name, long everyMillis, Runnable round) {
        this.name = name;
        this.round = round;
        this.thread = Thread.ofVirtual().name(name).start(() -> run(everyMillis));
    }

    @Override
    public void close() {
        stop.countDown();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run(long everyMillis) {
        try {
            do {
                runOnce();
            } while (!stop.await(everyMillis, TimeUnit.MILLISECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @SuppressWarnings("CatchAndPrintStackTrace")
    private void runOnce() {
        try {
            round.run();
            lastFailure = "";
        } catch (Throwable e) {
            String failure = e.toString();
            if (!failure.equals(lastFailure)) {
                lastFailure = failure;
                LOG.error("a round of {} failed, and the next one comes", name, e);
            }
        }
    }
}
