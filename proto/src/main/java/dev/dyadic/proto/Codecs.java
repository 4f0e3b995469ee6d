package dev.dyadic.proto;

import dev.dyadic.proto.avro.Document;
import dev.dyadic.proto.avro.IngestPosition;
import dev.dyadic.proto.avro.Reject;
import dev.dyadic.proto.avro.Sequence;
import java.util.List;

/// The codec of each data topic. The ledger has [LedgerCodec].
public final class Codecs {
    public static final Codec<Document> DOCUMENT =
            new Codec<>(Document.getClassSchema(), ReleasedSchemas.DOCUMENT, Codecs::isOfItsOwn);
    public static final Codec<Sequence> SEQUENCE = new Codec<>(
            Sequence.getClassSchema(),
            ReleasedSchemas.SEQUENCE,
            sequence -> sequence.getWholeId() == null && sequence.getWholeDigest() == 0);
    public static final Codec<Reject> REJECT =
            new Codec<>(Reject.getClassSchema(), ReleasedSchemas.REJECT, reject -> reject.getEndPosition() < 0);

    public static final Codec<IngestPosition> INGEST_POSITION = new Codec<>(IngestPosition.getClassSchema(), List.of());

    private Codecs() {}

    private static boolean isOfItsOwn(Document document) {
        return document.getWholeId() == null
                && document.getPart() == 0
                && document.getParts() == 1
                && document.getWholeDigest() == 0;
    }
}
