package dev.dyadic.deploy.commands.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// Signals to a real process.
class InterruptionTest {
    private static final long WAIT_SECONDS = 60;

    /// A command that stops when it is asked, or that cannot: as one that computes in a library.
    static final class Command {
        private Command() {}

        /// @param arguments whether it stops, or `tell` where it may end anywhere; and how long it may go on
        public static void main(String[] arguments) throws InterruptedException {
            if (arguments[0].equals("tell")) {
                Interruption.tell(() -> System.out.println("asked"));
                System.out.println("up");
                Thread.sleep(Duration.parse(arguments[1]));
                System.out.println("stopped");
                Interruption.ended();
                System.exit(0);
            }
            Thread command = Thread.ofPlatform().start(() -> {
                Interruption interruption = Interruption.install(
                        () -> System.out.println("asked"), () -> true, Duration.parse(arguments[1]));
                System.out.println("up");
                while (!Boolean.parseBoolean(arguments[0]) || !interruption.isAsked()) {
                    Thread.onSpinWait();
                }
                System.out.println("stopped");
            });
            command.join();
            Interruption.ended();
            System.exit(0);
        }
    }

    @Test
    void aCommandThatStopsIsWaitedForAndTheExitCodeIsThatOfTheSignal() throws Exception {
        assertThat(signalled("true", "PT1H", "INT")).isEqualTo(new Ended(130, List.of("asked", "stopped")));
        assertThat(signalled("true", "PT1H", "TERM")).isEqualTo(new Ended(143, List.of("asked", "stopped")));
        assertThat(signalled("true", "PT1H", "HUP"))
                .as("that of a terminal which is closed")
                .isEqualTo(new Ended(129, List.of("asked", "stopped")));
    }

    @Test
    void aCommandThatMayEndAnywhereHasALastWord() throws Exception {
        assertThat(signalled("tell", "PT1H", "INT")).isEqualTo(new Ended(130, List.of("asked")));
        assertThat(signalled("tell", "PT1H", "TERM")).isEqualTo(new Ended(143, List.of("asked")));
        assertThat(signalled("tell", "PT0.2S"))
                .as("it says nothing where no signal ends it")
                .isEqualTo(new Ended(0, List.of("stopped")));
    }

    @Test
    void aCommandThatDoesNotStopIsEndedAfterItsTime() throws Exception {
        assertThat(signalled("false", "PT0.2S", "INT")).isEqualTo(new Ended(130, List.of("asked")));
    }

    @Test
    void aSecondSignalEndsItAtOnce() throws Exception {
        assertThat(signalled("false", "PT1H", "INT", "INT")).isEqualTo(new Ended(130, List.of("asked")));
        assertThat(signalled("false", "PT1H", "TERM", "INT")).isEqualTo(new Ended(130, List.of("asked")));
    }

    /// @param said after it was asked
    record Ended(int code, List<String> said) {}

    private static Ended signalled(String stops, String grace, String... signals)
            throws IOException, InterruptedException {
        // Where these tests run under nohup, Java would leave HUP as it is: ignored.
        Process process = new ProcessBuilder(
                        "env",
                        "--default-signal=HUP",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Command.class.getName(),
                        stops,
                        grace)
                .redirectErrorStream(true)
                .start();
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(output.readLine()).isEqualTo("up");
            List<String> said = new ArrayList<>();
            for (int i = 0; i < signals.length; i++) {
                new ProcessBuilder("kill", "-" + signals[i], Long.toString(process.pid()))
                        .start()
                        .waitFor();
                // The first has been handled when the second one comes.
                if (i + 1 < signals.length) {
                    said.add(output.readLine());
                }
            }
            assertThat(process.waitFor(WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            output.lines().forEach(said::add);
            // The command may hear of it before it is told.
            return new Ended(process.exitValue(), said.stream().sorted().toList());
        } finally {
            process.destroyForcibly();
        }
    }
}
