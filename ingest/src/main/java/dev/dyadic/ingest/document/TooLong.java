package dev.dyadic.ingest.document;

import dev.dyadic.proto.Named;

/// What becomes of a text that is too long for the documents topic.
public enum TooLong implements Named {
    REFUSE("refuse"),
    SPLIT("split");

    private final String text;

    TooLong(String text) {
        this.text = text;
    }

    @Override
    public String text() {
        return text;
    }
}
