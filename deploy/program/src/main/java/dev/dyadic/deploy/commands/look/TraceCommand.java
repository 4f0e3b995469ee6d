package dev.dyadic.deploy.commands.look;

import dev.dyadic.decomposer.decompose.Decomposition;
import dev.dyadic.decomposer.pipeline.TextRows;
import dev.dyadic.decomposer.tokenize.Tokenizer;
import dev.dyadic.decomposer.tokenize.Tokenizers;
import dev.dyadic.deploy.commands.options.OutputOptions;
import dev.dyadic.deploy.commands.options.SamplerOptions;
import dev.dyadic.deploy.commands.options.TokenizerPaths;
import dev.dyadic.deploy.commands.print.Facts;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.print.Table;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.proto.Asset;
import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.Digests;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.Layout;
import dev.dyadic.proto.Limits;
import dev.dyadic.proto.LongDocuments;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.v1.SamplerProto;
import dev.dyadic.v1.SamplerProto.Content;
import dev.dyadic.v1.SamplerProto.Contents;
import dev.dyadic.v1.SamplerProto.CorpusDescription;
import dev.dyadic.v1.SamplerProto.Sequence;
import dev.dyadic.v1.SamplerProto.TokenFormat;
import dev.dyadic.v1.SamplerProto.TraceRequest;
import dev.dyadic.v1.SamplerProto.TraceResponse;
import dev.dyadic.v1.SamplerProto.TracedSequence;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "trace",
        mixinStandardHelpOptions = true,
        description = "In which steps of which runs a document is.",
        footerHeading = "%nExamples:%n",
        footer = {"  dyadic trace wiki-1234", "  dyadic trace --text letter.txt", "  dyadic trace --text - < letter.txt"
        })
public final class TraceCommand implements Callable<Integer> {
    @Mixin
    private OutputOptions outputOptions = new OutputOptions();

    @Mixin
    private SamplerOptions samplerOptions = new SamplerOptions();

    @Parameters(
            arity = "0..1",
            paramLabel = "ID",
            description = "Document id; that of a document that was split stands for all its parts.")
    private @Nullable String documentId;

    @Option(
            names = "--text",
            paramLabel = "FILE",
            description = "Find the document that has exactly this text, whatever its id; -: standard input.")
    private @Nullable String text;

    @Option(
            names = "--source",
            defaultValue = "",
            description =
                    "With --text in a corpus that spreads long documents: the source of a document without an id of"
                            + " its own.")
    private String source = "";

    @Option(
            names = "--tokenizer",
            paramLabel = "FILE",
            description = "With --text in a corpus whose tokenizer is a tokenizer.json: that file, or its directory.")
    private @Nullable String tokenizerFile;

    record Place(String run, long step, int row) {}

    record Found(
            String document,
            String whole,
            String source,
            String split,
            int length,
            int start,
            int piece,
            int pieces,
            int partition,
            long offset,
            List<Place> uses) {
        static Found of(TracedSequence traced) {
            Sequence sequence = traced.getSequence();
            return new Found(
                    sequence.getDocumentId(),
                    sequence.getWholeId(),
                    sequence.getSource(),
                    sequence.getSplit() == SamplerProto.Split.SPLIT_HOLDOUT ? "holdout" : "train",
                    sequence.getLength(),
                    sequence.getStart(),
                    sequence.getPiece(),
                    sequence.getPieces(),
                    sequence.getPartition(),
                    sequence.getOffset(),
                    traced.getUsesList().stream()
                            .map(use -> new Place(use.getRun(), use.getStep(), use.getRow()))
                            .toList());
        }
    }

    @Override
    public Integer call() {
        Output output = outputOptions.open();
        if ((documentId == null) == (text == null)) {
            throw new InvalidException("name a document id, or --text, and not both");
        }
        try (SamplerClient client = samplerOptions.connect()) {
            TraceRequest request = documentId == null
                    ? ofText(client.describeCorpus(), read(String.valueOf(text)))
                    : TraceRequest.newBuilder().setDocumentId(documentId).build();
            TraceResponse response = client.trace(request);
            List<Found> all =
                    response.getSequencesList().stream().map(Found::of).toList();
            List<Found> found = documentId == null ? whole(all) : all;
            output.json(Facts.of("sequences", found));
            if (found.isEmpty()) {
                output.text("No sequence of it is in this corpus: it is not decomposed yet, or was rejected.");
                return ExitCodes.FAILED;
            }
            Table table =
                    new Table("document", "source", "split", "length", "from", "piece", "partition", "offset", "steps");
            for (Found sequence : found) {
                table.row(
                        sequence.document().isEmpty() ? "(gone from Kafka)" : sequence.document(),
                        sequence.source(),
                        sequence.split(),
                        sequence.length(),
                        sequence.start(),
                        sequence.pieces() == 0 ? "?" : (sequence.piece() + 1) + "/" + sequence.pieces(),
                        sequence.partition(),
                        sequence.offset(),
                        sequence.uses().isEmpty()
                                ? "none yet"
                                : sequence.uses().stream()
                                        .map(use -> use.run() + " " + use.step())
                                        .collect(Collectors.joining(", ")));
            }
            output.table(table);
        }
        return ExitCodes.OK;
    }

    /// Of those documents that have all their pieces among these: others share only some rows with the text.
    private static List<Found> whole(List<Found> all) {
        Map<String, Long> pieces = all.stream().collect(Collectors.groupingBy(Found::document, Collectors.counting()));
        return all.stream()
                .filter(found -> pieces.getOrDefault(found.document(), 0L) == found.pieces())
                .toList();
    }

    private TraceRequest ofText(CorpusDescription corpus, String whole) {
        Decomposition decomposition = new Decomposition(
                Buckets.ofLengths(corpus.getMinLength(), corpus.getMaxLength()),
                Layout.of(corpus.getFormat().getLayout()),
                LongDocuments.of(corpus.getLongDocuments()));
        byte[] utf8 = whole.getBytes(StandardCharsets.UTF_8);
        if (utf8.length > Limits.MAX_TEXT_BYTES) {
            throw new InvalidException("--text must have at most " + Limits.MAX_TEXT_BYTES + " bytes, but has "
                    + utf8.length + ": a document that was split is traced by its id");
        }
        String id = Digests.documentId(source, utf8);
        Contents.Builder contents = Contents.newBuilder();
        for (TextRows.Row row : TextRows.of(tokenizerOf(corpus.getFormat()), decomposition, id, whole)) {
            contents.addContents(
                    Content.newBuilder().setLength(row.bucket().length()).setHash(row.contentHash()));
        }
        if (contents.getContentsCount() == 0) {
            throw new InvalidException("the text has fewer tokens than the shortest length, " + corpus.getMinLength()
                    + ": such documents are rejected as short");
        }
        return TraceRequest.newBuilder().setContents(contents).build();
    }

    private Tokenizer tokenizerOf(TokenFormat format) {
        if (format.getTokenizerFile().isEmpty()) {
            return Tokenizers.named(format.getTokenizer());
        }
        if (tokenizerFile == null) {
            throw new InvalidException(
                    "--text needs the corpus's tokenizer, which is a file: name it with --tokenizer ("
                            + format.getTokenizer() + ", SHA-256 " + format.getTokenizerFile() + ")");
        }
        Path path = TokenizerPaths.find(tokenizerFile);
        Asset file = TokenizerPaths.read(path);
        if (!file.sha256().equals(format.getTokenizerFile())) {
            throw new InvalidException("--tokenizer must be the corpus's file " + format.getTokenizer()
                    + " with SHA-256 " + format.getTokenizerFile() + ", but " + path + " has " + file.sha256());
        }
        return Tokenizers.ofFile(
                format.getTokenizer(),
                file,
                format.getEndOfText(),
                format.hasBeginOfText() ? OptionalInt.of(format.getBeginOfText()) : OptionalInt.empty());
    }

    private static String read(String file) {
        try {
            byte[] bytes = file.equals("-") ? System.in.readAllBytes() : Files.readAllBytes(Path.of(file));
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new InvalidException("--text must be a readable file, but " + file + " is not: " + e, e);
        }
    }
}
