package dev.dyadic.deploy.export;

import java.io.IOException;
import java.nio.file.Path;

/// How rows stand in a file. See docs/reference/export.md.
public enum ExportFormat {
    /// Ids and nothing else, one row after the other, as `numpy.memmap` and OLMo-core read them.
    numpy(".bin") {
        @Override
        Shard open(Path file, Shard.Columns columns) throws IOException {
            return new NumpyShard(file);
        }
    },
    /// Shards of MosaicML Streaming, version 2.
    mds(".mds") {
        @Override
        Shard open(Path file, Shard.Columns columns) throws IOException {
            return new MdsShard(file, columns);
        }
    },
    parquet(".parquet") {
        @Override
        Shard open(Path file, Shard.Columns columns) throws IOException {
            return new ParquetShard(file, columns);
        }
    };

    private final String suffix;

    ExportFormat(String suffix) {
        this.suffix = suffix;
    }

    String suffix() {
        return suffix;
    }

    /// Where rows have no length of their own in a file, a file has rows of one length.
    boolean needsOneLength() {
        return this == numpy;
    }

    abstract Shard open(Path file, Shard.Columns columns) throws IOException;
}
