package dev.dyadic.deploy.commands.look;

import dev.dyadic.decomposer.tokenize.TextIds;
import dev.dyadic.decomposer.tokenize.Tokens;
import dev.dyadic.deploy.commands.options.OutputOptions;
import dev.dyadic.deploy.commands.options.TokenizerPaths;
import dev.dyadic.deploy.commands.print.ColouredPieces;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.ingest.DocumentTexts;
import dev.dyadic.ingest.bytes.Input;
import dev.dyadic.ingest.document.Fields;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.Limits;
import dev.dyadic.proto.Utf8;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "tokenize",
        mixinStandardHelpOptions = true,
        description = {
            "The ids that a tokenizer gives.",
            "Of a text on standard input, it shows the pieces and their ids, with nothing around them. Of JSON lines, it"
                    + " counts, and digests all ids: SHA-256 over the count (8 bytes) and the ids (4 bytes each) of every"
                    + " document, little-endian."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  echo \"It's 2^13 tokens.\" | dyadic tokenize --tokenizer cl100k_base",
            "  dyadic tokenize --tokenizer Llama-3.1-8B/tokenizer.json corpus.jsonl",
            "  dyadic tokenize --tokenizer bytes -o json a.jsonl b.jsonl.gz | jq .tokens"
        })
public final class TokenizeCommand implements Callable<Integer> {
    private static final String STANDARD_INPUT = "-";
    private static final int MAX_SHOWN = 1000;
    private static final double BYTES_PER_MEGABYTE = 1e6;

    @Mixin
    private OutputOptions outputOptions = new OutputOptions();

    @Option(
            names = "--tokenizer",
            paramLabel = "NAME-OR-FILE",
            required = true,
            description = "bytes, r50k_base, cl100k_base or o200k_base; or a Hugging Face tokenizer.json, or the"
                    + " directory that has it.")
    private String tokenizer = "";

    @Parameters(
            arity = "0..*",
            paramLabel = "FILE.jsonl",
            description =
                    "JSON lines, plain or compressed; - for standard input. Default: plain text from standard input.")
    private List<Path> files = new ArrayList<>();

    /// @param pieces the text that each id stands for; parts of characters are U+FFFD
    record Text(int tokens, List<Integer> ids, List<String> pieces) {}

    record Corpus(long documents, long tokens, String sha256, double megabytesPerSecond) {}

    @Override
    public Integer call() throws IOException {
        Output output = outputOptions.open();
        TextIds ids = TokenizerPaths.textIds(tokenizer);
        if (files.isEmpty()) {
            show(output, ids, System.in.readNBytes(Limits.MAX_TEXT_BYTES + 1));
        } else {
            count(output, ids);
        }
        return ExitCodes.OK;
    }

    private static void show(Output output, TextIds ids, byte[] text) {
        if (text.length > Limits.MAX_TEXT_BYTES) {
            throw new InvalidException(
                    "a text must have at most " + Limits.MAX_TEXT_BYTES + " bytes, but there are more");
        }
        int invalid = Utf8.firstInvalid(text, 0, text.length);
        if (invalid >= 0) {
            throw new InvalidException("expected UTF-8, but byte " + invalid + " of the text is none of a character");
        }
        Tokens tokens = text.length == 0 ? Tokens.of() : ids.ids(text);
        List<byte[]> pieces =
                Arrays.stream(tokens.toArray()).mapToObj(ids::bytesOf).toList();
        output.json(new Text(
                tokens.length(),
                Arrays.stream(tokens.toArray()).boxed().toList(),
                pieces.stream()
                        .map(piece -> new String(piece, StandardCharsets.UTF_8))
                        .toList()));
        int shown = Math.min(tokens.length(), MAX_SHOWN);
        boolean colours = Ansi.AUTO.enabled();
        output.text("%s", ColouredPieces.pieces(pieces.subList(0, shown), colours));
        output.text("%s", ColouredPieces.ids(tokens, shown, colours));
        output.text(
                "%,d tokens for %,d bytes%s",
                tokens.length(),
                text.length,
                shown < tokens.length() ? ", of which the first " + shown + " are shown" : "");
    }

    private static Input inputOf(Path file) {
        return file.toString().equals(STANDARD_INPUT) ? Input.stream("standard input", System.in) : Input.file(file);
    }

    private void count(Output output, TextIds ids) {
        Counting counting = new Counting(ids);
        DocumentTexts texts = new DocumentTexts(Fields.DEFAULT);
        for (Path file : files) {
            texts.read(inputOf(file), counting::add);
        }
        Corpus corpus = counting.result();
        output.json(corpus);
        output.text(
                "%,d documents, %,d tokens, %.1f MB/s on one thread%nSHA-256 of the ids: %s",
                corpus.documents(), corpus.tokens(), corpus.megabytesPerSecond(), corpus.sha256());
    }

    /// Counts and digests. Only the time of the tokenizer counts for its speed.
    private static final class Counting {
        private final TextIds ids;
        private final MessageDigest digest;
        private long documents;
        private long tokens;
        private long bytes;
        private long nanos;

        Counting(TextIds ids) {
            this.ids = ids;
            try {
                this.digest = MessageDigest.getInstance("SHA-256");
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException("this Java has no SHA-256", e);
            }
        }

        void add(byte[] text) {
            long begin = System.nanoTime();
            Tokens found = ids.ids(text);
            nanos += System.nanoTime() - begin;
            documents++;
            tokens += found.length();
            bytes += text.length;
            digest.update(ByteBuffer.allocate(Long.BYTES)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(found.length())
                    .array());
            digest.update(found.toBytes(0, found.length(), Integer.BYTES));
        }

        Corpus result() {
            double seconds = Math.max(1, nanos) / 1e9;
            return new Corpus(
                    documents, tokens, HexFormat.of().formatHex(digest.digest()), bytes / BYTES_PER_MEGABYTE / seconds);
        }
    }
}
