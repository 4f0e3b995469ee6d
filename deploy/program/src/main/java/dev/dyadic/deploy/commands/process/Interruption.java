package dev.dyadic.deploy.commands.process;

import dev.dyadic.proto.Uptime;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/// Ctrl-C, or SIGTERM: tells the command to stop, and gives it time to. A second one ends the process at once.
public final class Interruption {
    /// What commands take to stop; container engines wait for ten seconds.
    public static final Duration GRACE = Duration.ofMillis(9_500);

    private static final int SIGNALLED = 128;
    private static final int SIGINT = 2;
    private static final int SIGTERM = 15;

    private final CountDownLatch asked = new CountDownLatch(1);
    /// The process's exit code: which signal came first; 0: none.
    private final AtomicInteger code = new AtomicInteger();
    /// Made before the command makes any client.
    private final ClockWatch clock = new ClockWatch(System.currentTimeMillis(), Uptime.millis());

    private Interruption() {}

    /// To be called on the command's own thread, before it does anything that has to be stopped.
    ///
    /// @param onAsk what makes the command stop, besides [#await] returning
    public static Interruption install(Runnable onAsk) {
        return install(onAsk, GRACE);
    }

    /// @param grace how long the command may go on; then the process ends, whatever it does
    public static Interruption install(Runnable onAsk, Duration grace) {
        Interruption interruption = new Interruption();
        Thread command = Thread.currentThread();
        boolean isToldOfInt = interruption.handle("INT", SIGINT);
        boolean isToldOfTerm = interruption.handle("TERM", SIGTERM);
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("dyadic-stop").unstarted(() -> {
                    // Without a signal, the program exits of itself.
                    if (interruption.code.get() != 0 || !isToldOfInt || !isToldOfTerm) {
                        interruption.stop(onAsk, command, grace);
                    }
                }));
        return interruption;
    }

    private boolean handle(String name, int number) {
        return Signals.handle(name, () -> {
            if (code.compareAndSet(0, SIGNALLED + number)) {
                Thread.ofPlatform().name("dyadic-exit").start(() -> System.exit(SIGNALLED + number));
            } else {
                CLibrary.exitAtOnce(SIGNALLED + number);
            }
        });
    }

    private void stop(Runnable onAsk, Thread command, Duration grace) {
        asked.countDown();
        onAsk.run();
        try {
            if (!command.join(grace)) {
                CLibrary.exitAtOnce(code.get() == 0 ? ExitCodes.FAILED : code.get());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
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
