package dev.dyadic.deploy.commands;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.deploy.broker.EmbeddedBroker;
import dev.dyadic.deploy.commands.process.ExitCodes;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/// One clear line and an exit code, never a stack trace.
class CommandLineTest {
    @TempDir
    private Path directory = Path.of("");

    record Result(int code, String errors) {}

    @Test
    void everyCommandHasHelpWithExamples() {
        List<String> checked = new ArrayList<>();
        checkHelp(Dyadic.commandLine(), "", checked);

        assertThat(checked)
                .contains(
                        " demo",
                        " dev",
                        " broker",
                        " init",
                        " ingest",
                        " decompose",
                        " sample",
                        " train",
                        " stats",
                        " audit")
                .contains(" run open", " run list", " run describe");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "run list --sampler my_sampler:7070 --wait 0",
                "run list --sampler http://127.0.0.1:7070 --wait 0",
                "run list --sampler localhost:70x70 --wait 0",
                "broker --port 99999 --data DIR",
                "dev --kafka-port 70000 --data DIR",
                "train run --weight-decay -1",
                "train run --clip 0",
                "preview --sequences 64=1,100=3",
            })
    void whatAUserGotWrongIsOneLineAndNeverADefect(String line) {
        Result result = run(line.replace("DIR", directory.toString()).split(" ", -1));

        assertThat(result.errors())
                .startsWith("dyadic: ")
                .doesNotContain("defect")
                .hasLineCount(1);
        assertThat(result.code()).isEqualTo(ExitCodes.USAGE);
    }

    @Test
    void wrongOptionsAreUsageErrors() {
        assertThat(run("dve").code()).isEqualTo(ExitCodes.USAGE);
        assertThat(run("init", "--partition", "3").errors())
                .startsWith("dyadic: Unknown options: '--partition', '3'; did you mean '--partitions'?");
        assertThat(run("run", "open", "NAME", "--tokens-per-stp", "8Ki").errors())
                .as("before what is missing")
                .startsWith("dyadic: Unknown options: '--tokens-per-stp', '8Ki'; did you mean '--tokens-per-step'?");
        assertThat(run("run", "opne").errors()).contains("did you mean 'open'?");
        assertThat(run("run", "open", "NAME", "--tokens-per-step", "many"))
                .isEqualTo(new Result(
                        ExitCodes.USAGE,
                        "dyadic: Invalid value for option '--tokens-per-step': 'many' is not a whole number,"
                                + " such as 8192, 8Ki (1,024 each) or 10M (1,000,000 each)\n"
                                + "Try 'dyadic run open --help'.\n"));
        assertThat(run("init", "--tokenizer", "gpt5"))
                .isEqualTo(new Result(
                        ExitCodes.USAGE,
                        "dyadic: --tokenizer must be one of bytes, r50k_base, cl100k_base, o200k_base, or a"
                                + " tokenizer.json, but there is no file gpt5\n"));
        assertThat(run("init", "--min-length", "100"))
                .isEqualTo(new Result(
                        ExitCodes.USAGE,
                        "dyadic: min-length must be a power of two between 1 and 1048576, but was 100; the nearest is"
                                + " 128\n"));
        assertThat(run("stats", "--kafka-config", "/nowhere/file").errors())
                .startsWith("dyadic: --kafka-config must be a readable properties file, but /nowhere/file is not");
    }

    @Test
    void aKafkaThatIsNotThereIsOneLine() {
        Result result = run("stats", "--kafka", "127.0.0.1:1");

        assertThat(result.code()).isEqualTo(ExitCodes.FAILED);
        assertThat(result.errors())
                .hasLineCount(1)
                .startsWith("dyadic: no Kafka answers at 127.0.0.1:1")
                .contains("start one with 'dyadic broker'");
    }

    @Test
    void aSamplerThatIsNotThereIsOneLine() {
        Result result = run("run", "list", "--sampler", "127.0.0.1:1", "--wait", "0");

        assertThat(result)
                .isEqualTo(new Result(
                        ExitCodes.FAILED,
                        "dyadic: no sampler answers at 127.0.0.1:1: start one with 'dyadic sample' or 'dyadic dev', or name another"
                                + " --sampler\n"));
    }

    @Test
    void aPortThatIsNoneIsRefusedBeforeAnybodyIsAsked() {
        for (String port : List.of("65536", "70700", "99999999999999999999")) {
            String address = "127.0.0.1:" + port;
            assertThat(run("run", "list", "--sampler", address))
                    .isEqualTo(new Result(
                            ExitCodes.USAGE,
                            "dyadic: a port must be from 1 to 65535, but the address was " + address + "\n"));
        }
    }

    @Test
    void aBusyPortIsOneLine() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(socket.getLocalPort());

            Result result = run("broker", "--data", directory.toString(), "--port", port);

            assertThat(result.code()).isEqualTo(ExitCodes.FAILED);
            assertThat(result.errors()).hasLineCount(1).startsWith("dyadic: cannot listen on 127.0.0.1:" + port);
        }
    }

    @Test
    void aDirectoryThatCannotBeMadeIsOneLine() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));

        Result result = run("broker", "--data", file.resolve("below").toString(), "--port", "0");

        assertThat(result.code()).isEqualTo(ExitCodes.FAILED);
        assertThat(result.errors()).hasLineCount(1).startsWith("dyadic: cannot use directory " + file);
    }

    @Test
    void filesAndCorporaThatAreNotThereAreOneLine() {
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory.resolve("broker"), 0)) {
            Result noFile = run(
                    "ingest",
                    "--kafka",
                    broker.bootstrap(),
                    directory.resolve("none.jsonl").toString());
            Result noCorpus = run("decompose", "--kafka", broker.bootstrap(), "--data", directory.toString());

            assertThat(noFile.code()).isEqualTo(ExitCodes.FAILED);
            assertThat(noFile.errors()).hasLineCount(1).contains("it does not exist");
            assertThat(noCorpus.code()).isEqualTo(ExitCodes.FAILED);
            assertThat(noCorpus.errors())
                    .hasLineCount(1)
                    .startsWith("dyadic: there is no corpus main with prefix dyadic")
                    .contains("dyadic init");
        }
    }

    private static void checkHelp(CommandLine command, String path, List<String> checked) {
        for (Map.Entry<String, CommandLine> child : command.getSubcommands().entrySet()) {
            String name = path + " " + child.getKey();
            String help = child.getValue().getUsageMessage();
            if (child.getValue().getSubcommands().isEmpty()) {
                assertThat(help).as(name).contains("Example").contains("--help");
                assertThat(help.contains("--output") || child.getKey().equals("completion"))
                        .as("%s has --output", name)
                        .isTrue();
            }
            checked.add(name);
            checkHelp(child.getValue(), name, checked);
        }
    }

    private static Result run(String... arguments) {
        StringWriter errors = new StringWriter();
        int code = Dyadic.commandLine().setErr(new PrintWriter(errors)).execute(arguments);
        return new Result(code, errors.toString());
    }
}
