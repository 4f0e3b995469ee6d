package dev.dyadic.proto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.proto.avro.Amended;
import dev.dyadic.proto.avro.Closed;
import dev.dyadic.proto.avro.Document;
import dev.dyadic.proto.avro.Identity;
import dev.dyadic.proto.avro.Manifest;
import dev.dyadic.proto.avro.Reject;
import dev.dyadic.proto.avro.RunOpened;
import dev.dyadic.proto.avro.Sequence;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.message.MissingSchemaException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// The schemas of every release are kept under `schemas`; each must stay readable in both directions.
class SchemaEvolutionTest {
    private static final List<String> RELEASES = List.of("0.1");
    private static final Map<String, Schema> CURRENT = Map.of(
            "Document", Document.getClassSchema(),
            "Sequence", Sequence.getClassSchema(),
            "Reject", Reject.getClassSchema(),
            "Identity", Identity.getClassSchema(),
            "RunOpened", RunOpened.getClassSchema(),
            "Manifest", Manifest.getClassSchema());

    static Stream<Schema> released() {
        return RELEASES.stream().flatMap(release -> CURRENT.keySet().stream().map(name -> load(release, name)));
    }

    @ParameterizedTest
    @MethodSource("released")
    void currentAndReleasedSchemasReadEachOther(Schema released) {
        Schema current = Objects.requireNonNull(CURRENT.get(released.getName()));

        assertThat(compatibility(current, released)).isEqualTo(SchemaCompatibilityType.COMPATIBLE);
        assertThat(compatibility(released, current)).isEqualTo(SchemaCompatibilityType.COMPATIBLE);
    }

    @Test
    void thisReleaseReadsWhatANewerOneWrites() throws IOException, UnreadableRecordException {
        Schema newer = newerDocument("\"default\": \"?\",");
        GenericRecord record = newerRecord(newer);
        record.put("language", "en");
        Codec<Document> codec = new Codec<>(Document.getClassSchema(), List.of(newer));

        Document read = codec.decode(encode(newer, record));

        assertThat(read).isEqualTo(CodecTest.document("id", "text"));
    }

    @Test
    void aNewerReleaseReadsWhatThisOneWrites() throws IOException {
        Schema newer = newerDocument("\"default\": \"?\",");
        BinaryMessageDecoder<GenericRecord> decoder = new BinaryMessageDecoder<>(GenericData.get(), newer);
        decoder.addSchema(Document.getClassSchema());
        decoder.addSchema(load("0.1", "Document"));
        Document document = CodecTest.document("id", "text");

        for (Document written :
                List.of(document, Document.newBuilder(document).setWholeId("id").build())) {
            GenericRecord read = decoder.decode(Codecs.DOCUMENT.encode(written));

            assertThat(read.get("id")).hasToString("id");
            assertThat(read.get("language")).hasToString("?");
        }
    }

    @Test
    void aFieldWithoutDefaultWouldBeFound() {
        Schema newer = newerDocument("");

        assertThat(compatibility(newer, Document.getClassSchema())).isEqualTo(SchemaCompatibilityType.INCOMPATIBLE);
    }

    @Test
    void ledgersOfEarlierReleasesStayReadable() throws IOException, UnreadableRecordException {
        Schema.Parser parser = new Schema.Parser();
        Schema opened = parse(parser, "0.1", "RunOpened");
        Schema manifest = parse(parser, "0.1", "Manifest");

        RunOpened run = (RunOpened) LedgerCodec.decode(encode(opened, filled(opened)));
        Manifest cycle = (Manifest) LedgerCodec.decode(encode(manifest, filled(manifest)));

        assertThat(run.getName()).isEqualTo("text");
        assertThat(run.getMixture()).isNull();
        assertThat(run.getParent()).isNull();
        assertThat(cycle.getFirstStep()).isEqualTo(7);
        assertThat(cycle.getShed()).isEmpty();
    }

    @Test
    void documentsAndSequencesOfEarlierReleasesStayReadable() throws IOException, UnreadableRecordException {
        Schema.Parser parser = new Schema.Parser();
        Schema document = parse(parser, "0.1", "Document");
        Schema sequence = parse(parser, "0.1", "Sequence");

        Document read = Codecs.DOCUMENT.decode(encode(document, filled(document)));
        Sequence row = Codecs.SEQUENCE.decode(encode(sequence, filled(sequence)));

        assertThat(read.getId()).isEqualTo("text");
        assertThat(read.getWholeId()).isNull();
        assertThat(read.getPart()).isZero();
        assertThat(read.getParts()).isEqualTo(1);
        assertThat(row.getDocumentTokens()).isEqualTo(7);
        assertThat(row.getWholeId()).isNull();
    }

    @Test
    void earlierReleasesReadDocumentsAndSequencesThatAreNoParts() throws IOException {
        Schema.Parser parser = new Schema.Parser();
        Schema documents = parse(parser, "0.1", "Document");
        Schema sequences = parse(parser, "0.1", "Sequence");
        Document document = CodecTest.document("id", "text");
        Sequence row = sequence(null);

        assertThat(earlier(documents, Codecs.DOCUMENT.encode(document)).get("id"))
                .hasToString("id");
        assertThat(earlier(sequences, Codecs.SEQUENCE.encode(row)).get("tokens"))
                .isEqualTo(row.getTokens());
        Document part = Document.newBuilder(document).setWholeId("whole").build();
        assertThatThrownBy(() -> earlier(documents, Codecs.DOCUMENT.encode(part)))
                .isInstanceOf(MissingSchemaException.class);
        assertThatThrownBy(() -> earlier(sequences, Codecs.SEQUENCE.encode(sequence("whole"))))
                .isInstanceOf(MissingSchemaException.class);
    }

    @ParameterizedTest
    @CsvSource({",0,1", "whole,2,3", ",1,1", ",0,2"})
    void documentsAndSequencesComeBackAsTheyWere(@Nullable String wholeId, int part, int parts)
            throws UnreadableRecordException {
        Document document = Document.newBuilder(CodecTest.document("id", "text"))
                .setWholeId(wholeId)
                .setPart(part)
                .setParts(parts)
                .build();

        assertThat(Codecs.DOCUMENT.decode(Codecs.DOCUMENT.encode(document))).isEqualTo(document);
        assertThat(Codecs.SEQUENCE.decode(Codecs.SEQUENCE.encode(sequence(wholeId))))
                .isEqualTo(sequence(wholeId));
    }

    private static final Map<String, Long> LEDGER_FINGERPRINTS = Map.of(
            "RunOpened",
            -2285173802405241466L,
            "Manifest",
            -4506542511570049185L,
            "Amended",
            2964587052970434574L,
            "Closed",
            -5463584412711038184L);

    @Test
    void ledgerSchemasDoNotChangeUnnoticed() {
        // The ledger is kept for ever. Whoever changes a schema keeps the old one in ReleasedSchemas.
        Map<String, Long> now = new HashMap<>();
        for (Schema schema : List.of(
                RunOpened.getClassSchema(),
                Manifest.getClassSchema(),
                Amended.getClassSchema(),
                Closed.getClassSchema())) {
            now.put(schema.getName(), SchemaNormalization.parsingFingerprint64(schema));
        }

        assertThat(now).isEqualTo(LEDGER_FINGERPRINTS);
    }

    private static GenericRecord earlier(Schema schema, byte[] record) throws IOException {
        return new BinaryMessageDecoder<GenericRecord>(GenericData.get(), schema).decode(record);
    }

    private static Sequence sequence(@Nullable String wholeId) {
        ByteBuffer tokens = ByteBuffer.wrap(new byte[] {1, 0, 2, 0});
        return new Sequence(
                "id", "source", "train", 1L, 2, 3, 4, 5, 6, 7, 8L, 9L, tokens, wholeId, wholeId == null ? 0L : 10L);
    }

    /// A record with something in every field.
    private static GenericRecord filled(Schema schema) {
        GenericRecord record = new GenericData.Record(schema);
        for (Schema.Field field : schema.getFields()) {
            record.put(
                    field.name(),
                    switch (field.schema().getType()) {
                        case INT -> 7;
                        case LONG -> 7L;
                        case STRING -> "text";
                        case ARRAY -> List.of();
                        case MAP -> Map.of();
                        case BYTES -> ByteBuffer.wrap(new byte[] {7});
                        case UNION -> 7L;
                        case FIXED -> new GenericData.Fixed(field.schema(), new byte[32]);
                        default -> throw new IllegalStateException("unexpected " + field);
                    });
        }
        return record;
    }

    private static SchemaCompatibilityType compatibility(Schema reader, Schema writer) {
        return SchemaCompatibility.checkReaderWriterCompatibility(reader, writer)
                .getType();
    }

    private static Schema newerDocument(String defaultValue) {
        String json = Document.getClassSchema().toString();
        String field = "{\"name\":\"language\"," + defaultValue + "\"type\":\"string\"},";
        return new Schema.Parser().parse(json.replace("\"fields\":[", "\"fields\":[" + field));
    }

    private static GenericRecord newerRecord(Schema schema) {
        Document document = CodecTest.document("id", "text");
        GenericRecord record = new GenericData.Record(schema);
        for (Schema.Field field : Document.getClassSchema().getFields()) {
            record.put(field.name(), document.get(field.pos()));
        }
        return record;
    }

    private static byte[] encode(Schema schema, GenericRecord record) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new BinaryMessageEncoder<GenericRecord>(GenericData.get(), schema).encode(record, bytes);
        return bytes.toByteArray();
    }

    private static Schema load(String release, String name) {
        try {
            Schema.Parser parser = new Schema.Parser();
            if (name.equals("Manifest")) {
                parse(parser, release, "RunOpened");
            }
            return parse(parser, release, name);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Schema parse(Schema.Parser parser, String release, String name) throws IOException {
        String path = "/schemas/" + release + "/" + name + ".avsc";
        try (InputStream stream = SchemaEvolutionTest.class.getResourceAsStream(path)) {
            if (stream == null) {
                throw new IllegalStateException("missing " + path);
            }
            return parser.parse(stream);
        }
    }
}
