package dev.dyadic.deploy.records;

import dev.dyadic.proto.Codecs;
import dev.dyadic.proto.LedgerCodec;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.UnreadableRecordException;
import dev.dyadic.proto.avro.Document;
import dev.dyadic.proto.avro.Sequence;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericFixed;
import org.apache.avro.generic.IndexedRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/// Any record of a topic of ours, as maps, lists, strings and numbers, in the order of the schema's fields. What cannot
/// be read is shown with the reason and its bytes.
public final class RecordView {
    private final Topics topics;
    private final Optional<TokenText> tokens;

    /// @param tokens shows the tokens of sequences, also as text; empty: only how many bytes they are
    public RecordView(Topics topics, Optional<TokenText> tokens) {
        this.topics = topics;
        this.tokens = tokens;
    }

    public Map<String, Object> of(ConsumerRecord<byte[], byte[]> record) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("topic", record.topic());
        view.put("partition", record.partition());
        view.put("offset", record.offset());
        view.put("time", Instant.ofEpochMilli(record.timestamp()).toString());
        byte @Nullable [] key = record.key();
        if (key != null) {
            view.put("key", key(record.topic(), key));
        }
        Map<String, Object> headers = new LinkedHashMap<>();
        for (Header header : record.headers()) {
            headers.put(header.key(), header.value() == null ? "" : text(ByteBuffer.wrap(header.value())));
        }
        if (!headers.isEmpty()) {
            view.put("headers", headers);
        }
        byte @Nullable [] value = record.value();
        if (value == null) {
            view.put("deleted", true);
            return view;
        }
        try {
            put(view, record.topic(), value);
        } catch (UnreadableRecordException e) {
            view.put("unreadable", String.valueOf(e.getMessage()));
            view.put("value", text(ByteBuffer.wrap(value)));
        }
        return view;
    }

    private void put(Map<String, Object> view, String topic, byte[] value) throws UnreadableRecordException {
        if (topic.equals(topics.seenChangelog())) {
            view.put("type", "Decided");
            view.put(
                    "value",
                    value.length == Long.BYTES ? ByteBuffer.wrap(value).getLong() : text(ByteBuffer.wrap(value)));
            return;
        }
        if (topic.equals(topics.assets())) {
            view.put("type", "AssetPiece");
            view.put("value", Map.of("bytes", value.length));
            return;
        }
        IndexedRecord decoded = decode(topic, value);
        view.put("type", decoded.getSchema().getName());
        view.put("value", fields(decoded));
    }

    private IndexedRecord decode(String topic, byte[] value) throws UnreadableRecordException {
        if (topic.equals(topics.documents())) {
            return Codecs.DOCUMENT.decode(value);
        }
        if (topic.equals(topics.documentRejects()) || topic.equals(topics.rejects())) {
            return Codecs.REJECT.decode(value);
        }
        if (topic.equals(topics.ingestJobs())) {
            return Codecs.INGEST_POSITION.decode(value);
        }
        if (topics.isOfSequences(topic)) {
            return Codecs.SEQUENCE.decode(value);
        }
        return LedgerCodec.decode(value);
    }

    private Map<String, @Nullable Object> fields(IndexedRecord record) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        for (Schema.Field field : record.getSchema().getFields()) {
            Object value = record.get(field.pos());
            if (record instanceof Sequence sequence && field.name().equals("tokens")) {
                putTokens(fields, sequence);
            } else if (field.name().equals("record") && value instanceof ByteBuffer bytes) {
                fields.put(field.name(), rejected(bytes));
            } else {
                fields.put(field.name(), plain(value));
            }
        }
        return fields;
    }

    private void putTokens(Map<String, @Nullable Object> fields, Sequence sequence) {
        if (tokens.isEmpty()) {
            fields.put("tokenBytes", sequence.getTokens().remaining());
            return;
        }
        int[] ids = tokens.get().ids(sequence.getTokens());
        fields.put("tokens", ids);
        fields.put("text", tokens.get().text(ids));
    }

    /// What was rejected: a document, where it is one.
    private Object rejected(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        try {
            Document document = Codecs.DOCUMENT.decode(copy);
            return fields(document);
        } catch (UnreadableRecordException e) {
            return text(bytes);
        }
    }

    private @Nullable Object plain(@Nullable Object value) {
        return switch (value) {
            case null -> null;
            case IndexedRecord record -> fields(record);
            case GenericFixed fixed -> HexFormat.of().formatHex(fixed.bytes());
            case ByteBuffer bytes -> text(bytes);
            case Map<?, ?> map -> {
                Map<String, @Nullable Object> copy = new LinkedHashMap<>();
                map.entrySet().stream()
                        .sorted((one, other) -> String.valueOf(one.getKey()).compareTo(String.valueOf(other.getKey())))
                        .forEach(entry -> copy.put(String.valueOf(entry.getKey()), plain(entry.getValue())));
                yield copy;
            }
            case List<?> list -> {
                List<@Nullable Object> copy = new ArrayList<>();
                list.forEach(element -> copy.add(plain(element)));
                yield copy;
            }
            case Number number -> number;
            case Boolean truth -> truth;
            default -> value.toString();
        };
    }

    /// Keys of the changelog are digests; that of a job's input has a zero byte in it.
    private Object key(String topic, byte[] key) {
        return topic.equals(topics.seenChangelog()) ? HexFormat.of().formatHex(key) : text(ByteBuffer.wrap(key));
    }

    /// The text where it is UTF-8, or else the bytes.
    private static Object text(ByteBuffer bytes) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(bytes.duplicate()).toString();
        } catch (CharacterCodingException e) {
            byte[] copy = new byte[bytes.remaining()];
            bytes.duplicate().get(copy);
            return Map.of("base64", Base64.getEncoder().encodeToString(copy));
        }
    }

    /// The ids of a sequence, and what they stand for.
    ///
    /// @param width bytes of an id
    /// @param pieces the bytes that an id stands for; of a special token, its name
    public record TokenText(int width, IntFunction<byte[]> pieces) {
        int[] ids(ByteBuffer bytes) {
            ByteBuffer little = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
            int[] ids = new int[little.remaining() / width];
            for (int i = 0; i < ids.length; i++) {
                ids[i] = width == Short.BYTES ? Short.toUnsignedInt(little.getShort()) : little.getInt();
            }
            return ids;
        }

        /// A character whose bytes are cut by an end of the sequence is shown as a replacement character.
        String text(int[] ids) {
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            for (int id : ids) {
                text.writeBytes(pieces.apply(id));
            }
            return text.toString(StandardCharsets.UTF_8);
        }
    }
}
