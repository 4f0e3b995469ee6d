package dev.dyadic.sampler.watch;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Does the same thing again and again on a thread of its own, until it is closed.
final class Periodic implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Periodic.class);

    private final CountDownLatch stop = new CountDownLatch(1);
    private final Thread thread;

    Periodic(String name, long everyMillis, Runnable look) {
        thread = Thread.ofVirtual().name(name).start(() -> {
            try {
                do {
                    look.run();
                } while (!stop.await(everyMillis, TimeUnit.MILLISECONDS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException e) {
                LOG.error("{} has ended", name, e);
            }
        });
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
}
