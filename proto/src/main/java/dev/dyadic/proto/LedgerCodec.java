package dev.dyadic.proto;

import dev.dyadic.proto.avro.Amended;
import dev.dyadic.proto.avro.Closed;
import dev.dyadic.proto.avro.Committed;
import dev.dyadic.proto.avro.Identity;
import dev.dyadic.proto.avro.Manifest;
import dev.dyadic.proto.avro.RunOpened;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.specific.SpecificRecordBase;

/// Ledger records. The schema fingerprint in the header tells the type.
public final class LedgerCodec {
    private static final int HEADER_BYTES = 10;
    /// The first two bytes of Avro's single-object encoding.
    private static final byte[] MARKER = {(byte) 0xC3, 0x01};

    private static final Codec<Identity> IDENTITY =
            new Codec<>(Identity.getClassSchema(), List.of(ReleasedSchemas.IDENTITY));
    private static final Codec<RunOpened> RUN_OPENED =
            new Codec<>(RunOpened.getClassSchema(), List.of(ReleasedSchemas.RUN_OPENED));
    private static final Codec<Manifest> MANIFEST =
            new Codec<>(Manifest.getClassSchema(), List.of(ReleasedSchemas.MANIFEST));
    private static final Codec<Committed> COMMITTED = new Codec<>(Committed.getClassSchema(), List.of());
    private static final Codec<Amended> AMENDED = new Codec<>(Amended.getClassSchema(), List.of());
    private static final Codec<Closed> CLOSED = new Codec<>(Closed.getClassSchema(), List.of());

    private static final Map<Long, Codec<? extends SpecificRecordBase>> BY_FINGERPRINT = Map.of(
            fingerprint(Identity.getClassSchema()), IDENTITY,
            fingerprint(ReleasedSchemas.IDENTITY), IDENTITY,
            fingerprint(RunOpened.getClassSchema()), RUN_OPENED,
            fingerprint(ReleasedSchemas.RUN_OPENED), RUN_OPENED,
            fingerprint(Manifest.getClassSchema()), MANIFEST,
            fingerprint(ReleasedSchemas.MANIFEST), MANIFEST,
            fingerprint(Committed.getClassSchema()), COMMITTED,
            fingerprint(Amended.getClassSchema()), AMENDED,
            fingerprint(Closed.getClassSchema()), CLOSED);

    private LedgerCodec() {}

    public static byte[] encode(SpecificRecordBase record) {
        return switch (record) {
            case Identity identity -> IDENTITY.encode(identity);
            case RunOpened opened -> RUN_OPENED.encode(opened);
            case Manifest manifest -> MANIFEST.encode(manifest);
            case Committed committed -> COMMITTED.encode(committed);
            case Amended amended -> AMENDED.encode(amended);
            case Closed closed -> CLOSED.encode(closed);
            default ->
                throw new IllegalArgumentException(
                        "the ledger holds no " + record.getSchema().getName() + " records");
        };
    }

    /// @throws UnknownRecordException where a later release wrote it
    public static SpecificRecordBase decode(byte[] bytes) throws UnreadableRecordException {
        if (bytes.length < HEADER_BYTES) {
            throw new UnreadableRecordException("expected a ledger record, but " + bytes.length + " bytes came");
        }
        if (bytes[0] != MARKER[0] || bytes[1] != MARKER[1]) {
            throw new UnreadableRecordException("expected a ledger record in Avro single-object encoding, but "
                    + bytes.length + " bytes of another kind came");
        }
        long fingerprint = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(HEADER_BYTES - Long.BYTES);
        Codec<? extends SpecificRecordBase> codec = BY_FINGERPRINT.get(fingerprint);
        if (codec == null) {
            throw new UnknownRecordException(
                    "it has the unknown schema fingerprint " + Long.toHexString(fingerprint) + ", of a later release");
        }
        return codec.decode(bytes);
    }

    private static long fingerprint(Schema schema) {
        return SchemaNormalization.parsingFingerprint64(schema);
    }
}
