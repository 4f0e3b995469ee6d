package dev.dyadic.ingest.format;

import dev.dyadic.ingest.document.DocumentFields;
import dev.dyadic.ingest.document.DocumentRules;
import dev.dyadic.ingest.document.EventTimes;
import dev.dyadic.ingest.document.Fields.Role;
import dev.dyadic.ingest.document.Fields.Target;
import dev.dyadic.ingest.document.Parsed;
import dev.dyadic.ingest.document.RefusedException;
import dev.dyadic.proto.Utf8;
import dev.hardwood.HardwoodContext;
import dev.hardwood.InputFile;
import dev.hardwood.metadata.LogicalType;
import dev.hardwood.metadata.PhysicalType;
import dev.hardwood.metadata.RowGroup;
import dev.hardwood.reader.ColumnReaders;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.RowGroupPredicate;
import dev.hardwood.schema.ColumnProjection;
import dev.hardwood.schema.ColumnSchema;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Rows of a Parquet file. Only the columns that are asked for are read.
final class ParquetReader implements EntryReader {
    private final DocumentRules rules;
    private final AtomicLong storedBytes;
    private final InputFile file;
    private final HardwoodContext context;
    private final ParquetFileReader parquet;
    private final Map<Target, ColumnSchema> asked;
    private final List<RowGroup> groups;
    private int group = -1;
    private long groupEnd;
    private long rows;
    private long skipTo;
    private @Nullable ColumnReaders readers;
    private Map<Target, ParquetColumn> columns = Map.of();
    private int rowsInBatch;

    ParquetReader(Path path, DocumentRules rules, Position from, AtomicLong storedBytes) throws IOException {
        this.rules = rules;
        this.storedBytes = storedBytes;
        this.skipTo = from.entries();
        this.file = InputFile.of(path);
        this.context = HardwoodContext.create(1);
        try {
            this.parquet = ParquetFileReader.open(file, context);
            this.groups = parquet.getFileMetaData().rowGroups();
        } catch (IOException | RuntimeException e) {
            context.close();
            throw new IOException("it is no Parquet that can be read: " + e.getMessage(), e);
        }
        try {
            this.asked = columns(parquet.getFileSchema().getColumns());
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    @Override
    public @Nullable Entry next() throws IOException {
        while (rowsInBatch == 0) {
            if (!nextBatch()) {
                return null;
            }
        }
        rowsInBatch--;
        rows++;
        for (ParquetColumn column : columns.values()) {
            column.nextRow();
        }
        Parsed parsed;
        DocumentFields values = new DocumentFields();
        byte[] shown = new byte[0];
        try {
            shown = read(values);
            parsed = values.document(rules);
        } catch (RefusedException e) {
            parsed = e.refused(values.id());
        }
        return new Entry(parsed, rows, "row " + rows, ByteBuffer.wrap(shown), shown.length);
    }

    @Override
    public Optional<String> note() {
        List<String> unused = new ArrayList<>();
        rules.fields().targets().stream()
                .filter(target -> target.role() == Role.ATTRIBUTES)
                .forEach(target -> parquet.getFileSchema().getColumns().stream()
                        .filter(column -> lies(column, target) && !isAttribute(column, target))
                        .forEach(column -> unused.add(name(column))));
        return unused.isEmpty()
                ? Optional.empty()
                : Optional.of("not taken as attributes, as they have no plain text: " + String.join(", ", unused));
    }

    @Override
    public Position position() {
        return new Position(rows, rows);
    }

    @Override
    public void close() throws IOException {
        try (context;
                parquet) {
            closeReaders();
        }
    }

    /// Goes on to the next batch, over what was read before.
    ///
    /// @return whether there is one
    private boolean nextBatch() throws IOException {
        while (true) {
            try {
                if (readers != null && readers.nextBatch()) {
                    rowsInBatch = readers.getRecordCount();
                    columns.values().forEach(ParquetColumn::beginBatch);
                    while (rowsInBatch > 0 && rows < skipTo) {
                        columns.values().forEach(ParquetColumn::nextRow);
                        rowsInBatch--;
                        rows++;
                    }
                    return true;
                }
                closeReaders();
                if (group >= 0 && rows != groupEnd) {
                    throw new IOException("it has fewer rows than it claims");
                }
                if (!nextGroup()) {
                    return false;
                }
            } catch (IOException | RuntimeException e) {
                closeReaders();
                long from = rows + 1;
                rows = groupEnd;
                throw new DamagedInputException(
                        "rows " + from + " to " + groupEnd, "row group " + group + " is damaged: " + e.getMessage());
            }
        }
    }

    /// Begins the next row group that has rows which were not read before.
    private boolean nextGroup() throws IOException {
        while (++group < groups.size()) {
            RowGroup next = groups.get(group);
            groupEnd = rows + next.numRows();
            if (next.numRows() > 0 && groupEnd > skipTo) {
                int batchRows = ParquetPages.check(file, next, asked.values(), storedBytes);
                long middle = middle(next);
                readers = parquet.buildColumnReaders(ColumnProjection.columns(
                                asked.values().stream().map(ParquetReader::name).toArray(String[]::new)))
                        .filter(RowGroupPredicate.byteRange(middle, middle + 1))
                        .batchSize(batchRows)
                        .build();
                ColumnReaders opened = readers;
                columns = new LinkedHashMap<>();
                asked.forEach((target, schema) ->
                        columns.put(target, new ParquetColumn(opened.getColumnReader(name(schema)))));
                return true;
            }
            rows = groupEnd;
        }
        return false;
    }

    /// Where the library looks for a row group.
    private static long middle(RowGroup group) {
        long packed = group.columns().stream()
                .mapToLong(chunk -> chunk.metaData().totalCompressedSize())
                .sum();
        return group.columns().getFirst().chunkStartOffset() + packed / 2;
    }

    /// @return the bytes of the text, or none
    private byte[] read(DocumentFields values) throws RefusedException {
        byte[] text = new byte[0];
        for (Map.Entry<Target, ParquetColumn> entry : columns.entrySet()) {
            Target target = entry.getKey();
            ParquetColumn column = entry.getValue();
            if (column.isNull()) {
                if (target.role() == Role.TEXT) {
                    throw new RefusedException("null-text", "expected text in '" + target.name() + "', but it is null");
                }
                continue;
            }
            switch (target.role()) {
                case TEXT -> {
                    text = column.bytes();
                    values.text(text);
                }
                case ID -> values.id(string(column, target));
                case SOURCE -> values.source(string(column, target));
                case TIME -> {
                    if (!values.hasTime()) {
                        time(column, target, values);
                    }
                }
                case ATTRIBUTES -> attribute(column, target, values);
            }
        }
        return text;
    }

    private static String string(ParquetColumn column, Target target) throws RefusedException {
        if (ParquetColumn.isWhole(column.schema())) {
            return column.wholeText();
        }
        byte[] bytes = column.bytes();
        if (Utf8.firstInvalid(bytes, 0, bytes.length) >= 0) {
            throw new RefusedException("not-utf8", "expected UTF-8 in '" + target.name() + "', but it has other bytes");
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static void attribute(ParquetColumn column, Target target, DocumentFields values) {
        Optional<String> shown = column.shown();
        if (shown.isPresent()) {
            values.attribute(target.path().getLast(), shown.get());
        } else {
            values.unread(target.name());
        }
    }

    private void time(ParquetColumn column, Target target, DocumentFields values) throws RefusedException {
        OptionalLong time = time(column);
        if (time.isPresent()) {
            values.time(time.getAsLong());
        } else if (rules.fields().named().contains(Role.TIME)) {
            throw new RefusedException(
                    "wrong-type", "expected '" + target.name() + "' to be " + EventTimes.EXPECTED + ", but it is not");
        } else {
            values.unread(target.name());
        }
    }

    private static OptionalLong time(ParquetColumn column) {
        OptionalLong typed = column.typedMillis();
        if (typed.isPresent()) {
            return typed;
        }
        if (ParquetColumn.isText(column.schema())) {
            return EventTimes.of(new String(column.bytes(), StandardCharsets.UTF_8));
        }
        if (ParquetColumn.isWhole(column.schema())) {
            return EventTimes.of(column.whole());
        }
        return column.isFloating() ? EventTimes.of(column.floating()) : OptionalLong.empty();
    }

    /// The column of each field that there is.
    private Map<Target, ColumnSchema> columns(List<ColumnSchema> all) throws IOException {
        Map<Target, ColumnSchema> found = new LinkedHashMap<>();
        for (Target target : rules.fields().targets()) {
            if (target.role() == Role.ATTRIBUTES) {
                all.stream()
                        .filter(column -> isAttribute(column, target))
                        .forEach(column -> found.put(
                                new Target(
                                        Role.ATTRIBUTES,
                                        name(column),
                                        column.fieldPath().elements()),
                                column));
                continue;
            }
            ColumnSchema schema = all.stream()
                    .filter(column -> name(column).equals(target.name()))
                    .findFirst()
                    .orElse(null);
            boolean isUsable = schema != null && ParquetColumn.isSingle(schema) && fits(target.role(), schema);
            boolean mustBe = target.role() == Role.TEXT
                    || (rules.fields().named().contains(target.role()) && target.role() != Role.TIME);
            if (isUsable) {
                found.put(target, schema);
            } else if (mustBe) {
                List<String> usable = new ArrayList<>();
                all.stream()
                        .filter(column -> ParquetColumn.isSingle(column) && fits(target.role(), column))
                        .forEach(column -> usable.add(name(column)));
                throw new IOException("expected a column '" + target.name() + "' "
                        + (target.role() == Role.TEXT ? "of texts" : "of texts or whole numbers") + ", but "
                        + (schema == null ? "there is none" : "it is another kind of column")
                        + "; name one with --" + target.role().name().toLowerCase(Locale.ROOT)
                        + "-field: " + String.join(", ", usable));
            }
        }
        return found;
    }

    /// Whether it lies in the struct of attributes, and has values that have a plain text.
    private static boolean isAttribute(ColumnSchema schema, Target attributes) {
        List<String> path = schema.fieldPath().elements();
        return lies(schema, attributes)
                && path.size() == attributes.path().size() + 1
                && ParquetColumn.isSingle(schema)
                && ParquetColumn.canBeShown(schema);
    }

    private static boolean lies(ColumnSchema schema, Target target) {
        return name(schema).equals(target.name()) || name(schema).startsWith(target.name() + ".");
    }

    private static boolean fits(Role role, ColumnSchema schema) {
        return switch (role) {
            case TEXT -> ParquetColumn.isText(schema);
            case ID, SOURCE -> ParquetColumn.isText(schema) || ParquetColumn.isWhole(schema);
            case TIME ->
                schema.type() != PhysicalType.BOOLEAN && !(schema.logicalType() instanceof LogicalType.TimeType);
            case ATTRIBUTES -> false;
        };
    }

    private static String name(ColumnSchema schema) {
        return String.join(".", schema.fieldPath().elements());
    }

    private void closeReaders() {
        if (readers != null) {
            readers.close();
            readers = null;
        }
        columns = Map.of();
        rowsInBatch = 0;
    }
}
