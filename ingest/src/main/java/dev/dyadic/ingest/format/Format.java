package dev.dyadic.ingest.format;

import dev.dyadic.proto.Named;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// What the documents of an input come in.
public enum Format implements Named {
    /// JSON objects: one a line, or the elements of an array, or one after the other.
    JSON("json", "json jsonl ndjson jsonlines jsons"),
    PARQUET("parquet", "parquet parq pq"),
    /// ISO 28500, with text in it; also WET.
    WARC("warc", "warc wet"),
    /// Plain text, Markdown, source code: a document each.
    TEXT(
            "text",
            "txt text md markdown rst adoc org tex html htm xml yaml yml toml ini cfg py pyi ipynb java kt kts scala"
                    + " groovy clj c h cc cpp cxx hh hpp hxx cu cuh m mm rs go swift js jsx mjs cjs ts tsx vue css scss"
                    + " less php rb pl pm lua r jl hs ml mli ex exs erl f f90 f95 pas vb cs fs sh bash zsh fish ps1 bat"
                    + " sql proto thrift cmake gradle dockerfile makefile asm s v sv vhd vhdl zig nim dart lisp el scm"
                    + " rkt tcl awk diff patch");

    private static final Set<String> PACKED = Set.of("gz", "gzip", "zst", "zstd", "bz2", "bzip2", "xz", "bgz");

    private final String text;
    /// Parted by spaces.
    private final String extensions;

    Format(String text, String extensions) {
        this.text = text;
        this.extensions = " " + extensions + " ";
    }

    @Override
    public String text() {
        return text;
    }

    /// Told by a file's name.
    public static Optional<Format> ofName(String name) {
        String file = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1)
                .toLowerCase(Locale.ROOT);
        String extension = extension(file);
        if (PACKED.contains(extension) && extension.length() < file.length()) {
            extension = extension(file.substring(0, file.length() - extension.length() - 1));
        }
        for (Format format : values()) {
            if (format.extensions.contains(" " + extension + " ")) {
                return Optional.of(format);
            }
        }
        return Optional.empty();
    }

    /// Told by the first bytes of what is unpacked.
    static Optional<Format> ofHead(String head) {
        String begin = head.stripLeading();
        if (begin.startsWith("PAR1")) {
            return Optional.of(PARQUET);
        }
        if (begin.startsWith("WARC/")) {
            return Optional.of(WARC);
        }
        return begin.startsWith("{") || begin.startsWith("[") ? Optional.of(JSON) : Optional.empty();
    }

    /// What follows the last dot; all of it where there is none, as with Makefile.
    private static String extension(String file) {
        return file.substring(file.lastIndexOf('.') + 1);
    }
}
