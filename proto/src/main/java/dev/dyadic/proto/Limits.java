package dev.dyadic.proto;

/// Bounds of the formats, in one place because several parts must agree on them.
public final class Limits {
    /// Largest text of a document, in UTF-8 bytes. One document is tokenized whole, in memory.
    public static final int MAX_TEXT_BYTES = 4 << 20;

    /// Largest text that is cut into documents of at most [#MAX_TEXT_BYTES], in UTF-8 bytes.
    public static final int MAX_WHOLE_TEXT_BYTES = 32 << 20;

    /// Largest document id or source, in UTF-8 bytes.
    public static final int MAX_ID_BYTES = 1024;

    public static final int MAX_SOURCE_BYTES = 128;

    /// Attributes of a document: names and values together, in UTF-8 bytes.
    public static final int MAX_ATTRIBUTE_BYTES = 16 << 10;

    /// Largest record on the documents topic: text, attributes, id, source and framing.
    public static final int MAX_DOCUMENT_RECORD_BYTES = MAX_TEXT_BYTES + (64 << 10);

    /// How much of a rejected record is kept.
    public static final int MAX_REJECT_COPY_BYTES = 1 << 20;

    public static final int MAX_REJECT_RECORD_BYTES = MAX_REJECT_COPY_BYTES + (64 << 10);

    /// Facts of a sequence record beside its tokens: id, source, numbers and framing.
    public static final int MAX_SEQUENCE_OVERHEAD_BYTES = 4 << 10;

    /// Largest ledger record: a manifest with its windows and pools.
    public static final int MAX_LEDGER_RECORD_BYTES = 8 << 20;

    /// Largest file that a corpus keeps, such as a tokenizer.
    public static final int MAX_ASSET_BYTES = 64 << 20;

    /// Largest piece of a compressed file on the assets topic.
    public static final int MAX_ASSET_PIECE_BYTES = 768 << 10;

    public static final int MAX_PARTITIONS = 1024;

    /// Sources of a partition: each has pools of its own, and stands in every manifest. More are rejected.
    public static final int MAX_SOURCES = 256;

    /// Event times outside [1970-01-01, 2200-01-01) are clamped.
    public static final long MIN_EVENT_MILLIS = 0L;

    public static final long MAX_EVENT_MILLIS = 7_258_118_400_000L - 1;

    private Limits() {}
}
