package dev.dyadic.deploy.commands.process;

import dev.dyadic.proto.Uptime;
import java.util.concurrent.CountDownLatch;

/// Ctrl-C, or SIGTERM: tells the command to stop, and gives it time to.
public final class Interruption {
    private static final long GRACE_MILLIS = 9_500;

    private final CountDownLatch asked = new CountDownLatch(1);
    /// Made before the command makes any client.
    private final ClockWatch clock = new ClockWatch(System.currentTimeMillis(), Uptime.millis());

    private Interruption() {}

    /// To be called on the command's own thread, before it does anything that has to be stopped.
    ///
    /// @param onAsk what makes the command stop, besides [#await] returning
    public static Interruption install(Runnable onAsk) {
        Interruption interruption = new Interruption();
        Thread command = Thread.currentThread();
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("dyadic-stop").unstarted(() -> {
                    interruption.asked.countDown();
                    onAsk.run();
                    try {
                        command.join(GRACE_MILLIS);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                }));
        return interruption;
    }

    public boolean isAsked() {
        return asked.getCount() == 0;
    }

    ClockWatch clock() {
        return clock;
    }

    void ask() {
        asked.countDown();
    }

    public void await() throws InterruptedException {
        asked.await();
    }
}
