package dev.dyadic.deploy.commands.process;

import dev.dyadic.proto.Uptime;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/// Ctrl-C, or SIGTERM: tells the command to stop, and gives it time to, or says what it means that it ends there.
/// A second one ends the process at once.
public final class Interruption {
    /// What commands take to stop; container engines wait for ten seconds.
    public static final Duration GRACE = Duration.ofMillis(9_500);

    private static final Duration POLL = Duration.ofMillis(100);
    private static final AtomicBoolean ENDED = new AtomicBoolean();
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
        return install(onAsk, () -> false, GRACE);
    }

    /// The same for a command that may need longer than [#GRACE].
    ///
    /// @param mayGoOn asked then, again and again
    /// @param most after which the process ends, whatever it does
    public static Interruption install(Runnable onAsk, BooleanSupplier mayGoOn, Duration most) {
        Interruption interruption = new Interruption();
        Thread command = Thread.currentThread();
        interruption.handle("INT", SIGINT);
        interruption.handle("TERM", SIGTERM);
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("dyadic-stop").unstarted(() -> {
                    if (!ENDED.get()) {
                        interruption.stop(onAsk, command, mayGoOn, most);
                    }
                }));
        return interruption;
    }

    /// For a command that may be ended anywhere: says what that means, and ends.
    ///
    /// @param last what is said, where a signal ends the process
    public static void tell(Runnable last) {
        Interruption interruption = new Interruption();
        interruption.handle("INT", SIGINT);
        interruption.handle("TERM", SIGTERM);
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("dyadic-last-word").unstarted(() -> {
                    if (interruption.code.get() != 0 && !ENDED.get()) {
                        last.run();
                    }
                }));
    }

    /// The command has come to its end: nothing has to be waited for.
    public static void ended() {
        ENDED.set(true);
    }

    private void handle(String name, int number) {
        Signals.handle(name, () -> {
            if (code.compareAndSet(0, SIGNALLED + number)) {
                // Not on the thread of signals, which a second one needs.
                Thread.ofPlatform().name("dyadic-exit").start(() -> System.exit(SIGNALLED + number));
            } else {
                CLibrary.exitAtOnce(SIGNALLED + number);
            }
        });
    }

    private void stop(Runnable onAsk, Thread command, BooleanSupplier mayGoOn, Duration most) {
        asked.countDown();
        onAsk.run();
        try {
            long deadline = System.nanoTime() + most.toNanos();
            boolean isStopped = command.join(most.compareTo(GRACE) < 0 ? most : GRACE);
            while (!isStopped && mayGoOn.getAsBoolean() && System.nanoTime() - deadline < 0) {
                isStopped = command.join(POLL);
            }
            // What another signal ends, as that of a terminal that is closed, is left to Java.
            if (!isStopped && code.get() != 0) {
                CLibrary.exitAtOnce(code.get());
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
