package dev.dyadic.ingest.format;

import dev.dyadic.proto.Utf8;
import dev.hardwood.metadata.LogicalType;
import dev.hardwood.metadata.PhysicalType;
import dev.hardwood.reader.ColumnReader;
import dev.hardwood.reader.LayerKind;
import dev.hardwood.reader.Validity;
import dev.hardwood.schema.ColumnSchema;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/// A column without lists, read value by value.
final class ParquetColumn {
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final long JULIAN_DAY_OF_1970 = 2_440_588;

    private final ColumnReader reader;
    private final ColumnSchema schema;
    private int row;
    private Validity[] layers = new Validity[0];
    private Validity leaf = Validity.NO_NULLS;
    private byte[] binary = new byte[0];
    private int[] offsets = new int[0];
    private int[] ints = new int[0];
    private long[] longs = new long[0];
    private double[] doubles = new double[0];
    private boolean[] booleans = new boolean[0];
    /// Of the row that is read, or -1 where it has none.
    private int current = -1;

    ParquetColumn(ColumnReader reader) {
        this.reader = reader;
        this.schema = reader.getColumnSchema();
    }

    /// Whether it can be read: a column in which each row has at most one value.
    static boolean isSingle(ColumnSchema schema) {
        return schema.maxRepetitionLevel() == 0;
    }

    static boolean isText(ColumnSchema schema) {
        return schema.type() == PhysicalType.BYTE_ARRAY;
    }

    static boolean isWhole(ColumnSchema schema) {
        return schema.type() == PhysicalType.INT32 || schema.type() == PhysicalType.INT64;
    }

    /// Looks at the batch that its reader has gone on to.
    void beginBatch() {
        row = 0;
        layers = new Validity[reader.getLayerCount()];
        for (int i = 0; i < layers.length; i++) {
            if (reader.getLayerKind(i) != LayerKind.STRUCT) {
                throw new IllegalStateException("a list was to be read as a single value");
            }
            layers[i] = reader.getLayerValidity(i);
        }
        leaf = reader.getLeafValidity();
        switch (schema.type()) {
            case BYTE_ARRAY, FIXED_LEN_BYTE_ARRAY, INT96 -> {
                binary = reader.getBinaryValues();
                offsets = reader.getBinaryOffsets();
            }
            case INT32 -> ints = reader.getInts();
            case INT64 -> longs = reader.getLongs();
            case FLOAT -> {
                float[] floats = reader.getFloats();
                doubles = new double[floats.length];
                Arrays.setAll(doubles, i -> floats[i]);
            }
            case DOUBLE -> doubles = reader.getDoubles();
            case BOOLEAN -> booleans = reader.getBooleans();
        }
    }

    /// Goes on to the next row of the batch. A struct has a place for each row, also where it is null.
    void nextRow() {
        int at = row++;
        current = leaf.isNull(at) ? -1 : at;
        for (Validity layer : layers) {
            if (layer.isNull(at)) {
                current = -1;
            }
        }
    }

    boolean isNull() {
        return current < 0;
    }

    /// The bytes of a text.
    byte[] bytes() {
        return Arrays.copyOfRange(binary, offsets[current], offsets[current + 1]);
    }

    long whole() {
        return schema.type() == PhysicalType.INT32 ? ints[current] : longs[current];
    }

    /// Whether its values have a plain text: texts, numbers, booleans and times.
    static boolean canBeShown(ColumnSchema schema) {
        LogicalType type = schema.logicalType();
        return switch (schema.type()) {
            case BYTE_ARRAY ->
                type == null
                        || type instanceof LogicalType.StringType
                        || type instanceof LogicalType.EnumType
                        || type instanceof LogicalType.JsonType;
            case INT32, INT64 ->
                type == null
                        || type instanceof LogicalType.IntType
                        || type instanceof LogicalType.TimestampType
                        || type instanceof LogicalType.DateType;
            case INT96, FLOAT, DOUBLE, BOOLEAN -> true;
            case FIXED_LEN_BYTE_ARRAY -> false;
        };
    }

    /// A value as people write it; empty where it is none: bytes that are no UTF-8.
    Optional<String> shown() {
        OptionalLong millis = typedMillis();
        if (millis.isPresent()) {
            return Optional.of(Instant.ofEpochMilli(millis.getAsLong()).toString());
        }
        return switch (schema.type()) {
            case BYTE_ARRAY -> {
                byte[] bytes = bytes();
                boolean isText = Utf8.firstInvalid(bytes, 0, bytes.length) < 0;
                yield isText ? Optional.of(new String(bytes, StandardCharsets.UTF_8)) : Optional.empty();
            }
            case INT32, INT64 -> Optional.of(wholeText());
            case FLOAT -> Optional.of(Float.toString((float) floating()));
            case DOUBLE -> Optional.of(Double.toString(floating()));
            case BOOLEAN -> Optional.of(Boolean.toString(booleans[current]));
            case INT96, FIXED_LEN_BYTE_ARRAY -> Optional.empty();
        };
    }

    /// A whole number as people write it.
    String wholeText() {
        long number = whole();
        boolean isUnsigned = schema.logicalType() instanceof LogicalType.IntType type && !type.isSigned();
        if (!isUnsigned) {
            return Long.toString(number);
        }
        return schema.type() == PhysicalType.INT32
                ? Integer.toUnsignedString((int) number)
                : new BigInteger(Long.toUnsignedString(number)).toString();
    }

    double floating() {
        return doubles[current];
    }

    boolean isFloating() {
        return schema.type() == PhysicalType.FLOAT || schema.type() == PhysicalType.DOUBLE;
    }

    ColumnSchema schema() {
        return schema;
    }

    /// Milliseconds since 1970, where the column's type says what its numbers mean.
    OptionalLong typedMillis() {
        if (schema.logicalType() instanceof LogicalType.TimestampType type) {
            long perMilli = switch (type.unit()) {
                case MILLIS -> 1L;
                case MICROS -> 1_000L;
                case NANOS -> NANOS_PER_MILLI;
            };
            return OptionalLong.of(Math.floorDiv(whole(), perMilli));
        }
        if (schema.logicalType() instanceof LogicalType.DateType) {
            return OptionalLong.of(TimeUnit.DAYS.toMillis(whole()));
        }
        return schema.type() == PhysicalType.INT96 ? OptionalLong.of(oldMillis()) : OptionalLong.empty();
    }

    /// Times of Spark and Impala: nanoseconds of the day, then the Julian day.
    private long oldMillis() {
        ByteBuffer bytes = ByteBuffer.wrap(bytes()).order(ByteOrder.LITTLE_ENDIAN);
        long nanos = bytes.getLong();
        return TimeUnit.DAYS.toMillis(bytes.getInt() - JULIAN_DAY_OF_1970) + Math.floorDiv(nanos, NANOS_PER_MILLI);
    }
}
