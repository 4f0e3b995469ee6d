package dev.dyadic.ingest.format;

import dev.hardwood.InputFile;
import dev.hardwood.metadata.ColumnChunk;
import dev.hardwood.metadata.FieldPath;
import dev.hardwood.metadata.RowGroup;
import dev.hardwood.schema.ColumnSchema;
import java.io.IOException;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicLong;

/// Looks at what the pages of columns claim, before they are read. The library makes room for whatever that is, and
/// looks without an end for pages that are not there.
final class ParquetPages {
    private static final int MAX_BATCH_ROWS = 1024;
    private static final long BATCH_BYTES = 4L << 20;
    private static final long MAX_BATCH_BYTES = 64L << 20;
    private static final long MAX_PAGE_BYTES = 256L << 20;
    private static final long PAGE_HEAP_PART = 8;
    private static final int MAX_PAGE_VALUES = 16 << 20;

    private ParquetPages() {}

    /// @param storedBytes counts the bytes of the columns
    /// @return how many rows at a time memory allows, at least one
    /// @throws IOException where they claim too much, or what cannot be
    static int check(InputFile file, RowGroup group, Collection<ColumnSchema> asked, AtomicLong storedBytes)
            throws IOException {
        long rows = MAX_BATCH_ROWS;
        for (ColumnChunk chunk : group.columns()) {
            FieldPath path = chunk.metaData().pathInSchema();
            if (asked.stream().anyMatch(schema -> schema.fieldPath().equals(path))) {
                storedBytes.addAndGet(chunk.metaData().totalCompressedSize());
                long largestDictionary = check(file, chunk);
                long mean = chunk.metaData().totalUncompressedSize() / Math.max(group.numRows(), 1);
                rows = Math.min(rows, BATCH_BYTES / Math.max(mean, 1));
                // Each row may have the longest value of it.
                rows = Math.min(rows, MAX_BATCH_BYTES / Math.max(largestDictionary, 1));
            }
        }
        return (int) Math.max(rows, 1);
    }

    /// @return bytes of its largest dictionary; 0: it has none
    private static long check(InputFile file, ColumnChunk chunk) throws IOException {
        FieldPath path = chunk.metaData().pathInSchema();
        long most = Math.min(MAX_PAGE_BYTES, Runtime.getRuntime().maxMemory() / PAGE_HEAP_PART);
        long at = chunk.chunkStartOffset();
        long end = at + chunk.metaData().totalCompressedSize();
        if (at < 0 || end < at || end > file.length()) {
            throw new IOException("column " + path + " lies outside the file");
        }
        long dictionary = 0;
        long values = 0;
        while (values < chunk.metaData().numValues() && at < end) {
            PageHeader page = PageHeader.read(file.readRange(at, (int) Math.min(PageHeader.MAX_BYTES, end - at)));
            if (page.unpackedBytes() > most || page.values() > MAX_PAGE_VALUES) {
                throw new IOException("a page of column " + path + " claims " + page.unpackedBytes() + " bytes and "
                        + page.values() + " values, of which at most " + most + " and " + MAX_PAGE_VALUES
                        + " are read");
            }
            if (page.isDictionary()) {
                dictionary = Math.max(dictionary, page.unpackedBytes());
            } else {
                values += page.values();
            }
            at += page.headerBytes() + (long) page.packedBytes();
            if (at > end) {
                throw new IOException("a page of column " + path + " ends behind its column");
            }
        }
        if (values < chunk.metaData().numValues()) {
            throw new IOException("column " + path + " claims "
                    + chunk.metaData().numValues() + " values, but its pages have " + values);
        }
        return dictionary;
    }
}
