package dev.dyadic.deploy.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dyadic.deploy.commands.Dyadic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/// Ids, sources, texts and file names that would clear, retitle or mislead a terminal: no command prints them as they
/// are.
class HostileNamesTest {
    /// Clears the screen, sets its title, and begins a line that looks like ours.
    private static final String ID = "id\u001b[2J\u001b]0;owned\u0007\r\ndyadic: all is well\u009b31m\u202egpj\u2066\0";

    private static final String TOKENS_PER_STEP = "--tokens-per-step=" + TestStack.TOKENS_PER_STEP;
    /// A source that a run is asked to weigh.
    private static final String WEIGHED = "w\u001b[2J\u202e";

    private static final String SOURCE = "src\u001b[31m\r\u200fweb\u2028\u0085\nTotal 0";

    /// They print nothing that comes from documents, files or other callers.
    private static final Set<String> PRINT_NOTHING_FOREIGN = Set.of(
            // services: what they log goes through the same place, see SafeMessage
            "broker",
            "decompose",
            "dev",
            "sample",
            // on data of their own
            "bench",
            "demo",
            "experiment",
            "faults",
            "preview",
            "simulate",
            // what the user types
            "init",
            "rebuild-seen",
            "completion",
            "down",
            "version");

    @TempDir
    private Path directory = Path.of("");

    private final Set<String> walked = new TreeSet<>();
    private boolean isToFail;
    private String kafka = "";
    private String sampler = "";

    @Test
    void noCommandPrintsThemAsTheyAre() throws Exception {
        try (TestStack test = new TestStack(directory)) {
            kafka = "--kafka=" + test.stack().cluster().bootstrap();
            sampler = "--sampler=" + test.stack().samplerAddress();
            Path file = documents();

            // A name of a file, a job and a run, in what is refused too.
            onKafka("ingest", "--dry-run", file.toString());
            onKafka("ingest", file.toString());
            fails().onKafka("ingest", directory.resolve("missing\u001b[2J").toString());
            fails().onKafka("ingest", "--job", "job\u001b[2J", file.toString());
            onKafka("corpus list");
            onKafka("corpus describe");
            fails().onKafka("corpus delete", "--yes");
            onKafka("cat", "documents");
            onKafka("cat", "documents.rejects");
            fails().onKafka("cat", "missing\u001b[2J");
            both("doctor");
            onKafka("jobs");
            fails().onKafka("jobs", "no\u001b[2J");
            at("run open", "odd", "--cycles=1", "--passes=1", TOKENS_PER_STEP);
            at(
                    "run open",
                    "live",
                    TOKENS_PER_STEP,
                    "--live",
                    "--cycle-tokens=4096",
                    "--source-weights=" + WEIGHED + "=2,others=1");
            fails().at("run open", "bad\u001b[2J", TOKENS_PER_STEP);
            fails().at("run amend", "missing\u001b[2J", "--curriculum=uniform");
            fails().at("run fork", "f\u001b[2J", "--from=odd", "--step=0");
            at("run list");
            at("run describe", "live");
            fails().at("run describe", "missing\u001b[2J");
            at("run steps", "odd");
            fails().at("run close", "missing\u001b[2J");
            at("export", "odd", "--format=mds", "--to=" + directory.resolve("export\u001b[2J"));
            fails().at("export", "odd", "--format=parquet", "--to=" + directory.resolve("export\u001b[2J"));
            at("explain", "odd", "0");
            at("trace", ID);
            fails().at("trace", "--text", "missing\u001b[2J");
            at("train", "odd", "--steps=2", "--model=tiny");
            both("stats");
            both("audit", "odd");
            fails().both("audit", "missing\u001b[2J");
            fails().only("tokenize", "--tokenizer=bytes", file.toString());
            fails().only("tokenize", "--tokenizer=bytes", "missing\u001b[2J\u202e");

            Set<String> all = new TreeSet<>();
            names("", Dyadic.commandLine(), all);
            all.removeAll(PRINT_NOTHING_FOREIGN);
            assertThat(walked).isEqualTo(all);
        }
    }

    private Path documents() throws IOException {
        ObjectMapper json = new ObjectMapper();
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            String id = i == 0 ? ID : ID + i;
            lines.add(json.writeValueAsString(
                    Map.of("id", id, "source", SOURCE, "text", ("Neverending\u001b[2J text " + i + " ").repeat(60))));
        }
        lines.add(json.writeValueAsString(Map.of("id", ID + "empty", "source", SOURCE, "text", "")));
        lines.add("no json \u001b[2J");
        return Files.write(directory.resolve("file\u001b[2J.jsonl"), lines);
    }

    private static void names(String prefix, CommandLine command, Set<String> to) {
        if (command.getSubcommands().isEmpty()) {
            to.add(prefix.strip());
        }
        command.getSubcommands().forEach((name, sub) -> names(prefix + " " + name, sub, to));
    }

    /// The next command is refused, or cannot do what it should.
    private HostileNamesTest fails() {
        isToFail = true;
        return this;
    }

    private void onKafka(String command, String... arguments) {
        run(command, List.of(kafka, "--prefix=test"), arguments);
    }

    private void at(String command, String... arguments) {
        run(command, List.of(sampler), arguments);
    }

    private void both(String command, String... arguments) {
        run(command, List.of(kafka, "--prefix=test", sampler), arguments);
    }

    private void only(String command, String... arguments) {
        run(command, List.of(), arguments);
    }

    /// In text, and as JSON; what it logs is looked at too.
    private void run(String command, List<String> options, String... arguments) {
        walked.add(command);
        boolean isExpectedToFail = isToFail;
        isToFail = false;
        for (String format : List.of("text", "json")) {
            List<String> line = new ArrayList<>(List.of(command.split(" ", 2)));
            line.addAll(options);
            line.addAll(List.of("-v", "-o", format));
            line.addAll(List.of(arguments));
            InProcess.Result result = InProcess.run(line);
            String printed = result.out() + result.errors();
            assertThat(result.code() != 0).as(printed).isEqualTo(isExpectedToFail);
            assertThat(printed.codePoints().filter(HostileNamesTest::isHostile).mapToObj("%04x"::formatted))
                    .as(printed)
                    .isEmpty();
            // A line break within an id begins no line.
            assertThat(printed.lines()).as(printed).noneMatch(text -> text.startsWith("dyadic: all is well"));
        }
    }

    private static boolean isHostile(int c) {
        return (Character.isISOControl(c) && c != '\n' && c != '\t')
                || c == 0x2028
                || c == 0x200f
                || (c >= 0x202a && c <= 0x202e)
                || (c >= 0x2066 && c <= 0x2069);
    }
}
