package dev.dyadic.proto;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import org.apache.avro.Schema;
import org.apache.avro.message.BadHeaderException;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.message.MissingSchemaException;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecordBase;
import org.apache.avro.util.ClassSecurityValidator;

/// One record type in Avro's single-object encoding: two marker bytes, the writer schema's fingerprint, the body.
///
/// Reading needs the writer's schema. A codec knows its own and those it is given, so readers are upgraded before
/// writers. Safe for use by many threads.
public final class Codec<T extends SpecificRecordBase> {
    static {
        // Avro makes objects of trusted classes only.
        String records = Codec.class.getPackageName() + ".avro";
        ClassSecurityValidator.setGlobal(ClassSecurityValidator.composite(
                ClassSecurityValidator.getGlobal(),
                type -> type.getPackageName().equals(records)));
    }

    private final BinaryMessageEncoder<T> encoder;
    private final BinaryMessageEncoder<T> earlierEncoder;
    private final Predicate<T> fitsEarlier;
    private final BinaryMessageDecoder<T> decoder;
    private final String name;

    public Codec(Schema schema, Collection<Schema> writers) {
        this(schema, writers, schema, _ -> false);
    }

    /// Writes what an earlier release can hold so that it can read it.
    ///
    /// @param earlier the schema of that release; its fields are the first ones of the present schema
    /// @param fitsEarlier whether a record says nothing in the other fields
    Codec(Schema schema, Schema earlier, Predicate<T> fitsEarlier) {
        this(schema, List.of(earlier), earlier, fitsEarlier);
        for (Schema.Field field : earlier.getFields()) {
            if (!schema.getFields().get(field.pos()).name().equals(field.name())) {
                throw new IllegalArgumentException("field " + field.name() + " of " + name + " has moved");
            }
        }
    }

    private Codec(Schema schema, Collection<Schema> writers, Schema earlier, Predicate<T> fitsEarlier) {
        this.name = schema.getName();
        this.fitsEarlier = fitsEarlier;
        SpecificData model = new SpecificData(Codec.class.getClassLoader());
        encoder = new BinaryMessageEncoder<>(model, schema);
        earlierEncoder = new BinaryMessageEncoder<>(model, earlier);
        decoder = new BinaryMessageDecoder<>(model, schema);
        writers.forEach(decoder::addSchema);
    }

    /// A fresh array that holds the encoded record.
    public byte[] encode(T record) {
        try {
            return array((fitsEarlier.test(record) ? earlierEncoder : encoder).encode(record));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot encode " + name, e);
        }
    }

    /// What a buffer has that belongs to the caller, as those of decoded records do: its own array where that is all
    /// of it, or else a copy.
    public static byte[] array(ByteBuffer buffer) {
        if (buffer.hasArray() && buffer.arrayOffset() == 0 && buffer.remaining() == buffer.array().length) {
            return buffer.array();
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    public T decode(byte[] bytes) throws UnreadableRecordException {
        return decode(ByteBuffer.wrap(bytes));
    }

    /// Decodes from the buffer's position to its limit; all of it has to be the record.
    public T decode(ByteBuffer bytes) throws UnreadableRecordException {
        try {
            ByteBuffer view = bytes.duplicate();
            T record = decoder.decode(new BufferInputStream(view), null);
            if (view.hasRemaining()) {
                throw new UnreadableRecordException(
                        "expected one " + name + " record, but " + view.remaining() + " bytes follow it");
            }
            return record;
        } catch (BadHeaderException e) {
            throw new UnreadableRecordException(
                    "expected a " + name + " record in Avro single-object encoding, but the header is another", e);
        } catch (MissingSchemaException e) {
            throw new UnreadableRecordException(
                    "expected a " + name + " record, but its schema fingerprint is unknown: upgrade this program", e);
        } catch (IOException | RuntimeException e) {
            // Avro reports broken bodies with runtime exceptions of many kinds.
            throw new UnreadableRecordException("the body of this " + name + " record is broken: " + e.getMessage(), e);
        }
    }
}
