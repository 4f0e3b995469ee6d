package dev.dyadic.proto;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.proto.avro.Document;
import dev.dyadic.proto.avro.Identity;
import dev.dyadic.proto.avro.Manifest;
import dev.dyadic.proto.avro.Reject;
import dev.dyadic.proto.avro.RunOpened;
import dev.dyadic.proto.avro.Sequence;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The schemas of every release are kept under `schemas`; each must stay readable in both directions.
class SchemaEvolutionTest {
    private static final List<String> RELEASES = List.of("0.1");
    private static final Map<String, Schema> CURRENT = Map.of(
            "Document", Document.getClassSchema(),
            "Sequence", Sequence.getClassSchema(),
            "Reject", Reject.getClassSchema(),
            "Identity", Identity.getClassSchema(),
            "RunOpened", RunOpened.getClassSchema());

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

        GenericRecord read = decoder.decode(Codecs.DOCUMENT.encode(CodecTest.document("id", "text")));

        assertThat(read.get("id")).hasToString("id");
        assertThat(read.get("language")).hasToString("?");
    }

    @Test
    void aFieldWithoutDefaultWouldBeFound() {
        Schema newer = newerDocument("");

        assertThat(compatibility(newer, Document.getClassSchema())).isEqualTo(SchemaCompatibilityType.INCOMPATIBLE);
    }

    @Test
    void manifestsKeepTheirFingerprint() throws IOException {
        // Manifests are digested as bytes; a changed schema needs a new order version.
        Schema.Parser parser = new Schema.Parser();
        parse(parser, "0.1", "RunOpened");

        assertThat(SchemaNormalization.toParsingForm(Manifest.getClassSchema()))
                .isEqualTo(SchemaNormalization.toParsingForm(parse(parser, "0.1", "Manifest")));
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
            return parse(new Schema.Parser(), release, name);
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
