package dev.dyadic.proto;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import org.apache.avro.Schema;

/// Schemas that earlier releases wrote with. The ledger is kept for ever, and documents and sequences as long as
/// anybody likes, so they stay readable for ever.
final class ReleasedSchemas {
    static final Schema IDENTITY;
    static final Schema RUN_OPENED;
    static final Schema MANIFEST;
    static final Schema DOCUMENT;
    static final Schema SEQUENCE;
    static final Schema REJECT;

    static {
        Schema.Parser parser = new Schema.Parser();
        IDENTITY = parse(parser, "0.1", "Identity");
        RUN_OPENED = parse(parser, "0.1", "RunOpened");
        MANIFEST = parse(parser, "0.1", "Manifest");
        DOCUMENT = parse(parser, "0.1", "Document");
        SEQUENCE = parse(parser, "0.1", "Sequence");
        REJECT = parse(parser, "0.1", "Reject");
    }

    private ReleasedSchemas() {}

    private static Schema parse(Schema.Parser parser, String release, String name) {
        String path = "/schemas/" + release + "/" + name + ".avsc";
        try (InputStream stream = ReleasedSchemas.class.getResourceAsStream(path)) {
            if (stream == null) {
                throw new IllegalStateException("missing " + path);
            }
            return parser.parse(stream);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + path, e);
        }
    }
}
