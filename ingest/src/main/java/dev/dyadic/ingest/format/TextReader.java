package dev.dyadic.ingest.format;

import dev.dyadic.ingest.bytes.DamagedException;
import dev.dyadic.ingest.bytes.Text;
import dev.dyadic.ingest.document.DocumentFields;
import dev.dyadic.ingest.document.DocumentRules;
import dev.dyadic.ingest.document.Parsed;
import dev.dyadic.ingest.document.RefusedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A file that is one document.
final class TextReader implements EntryReader {
    private final Text text;
    private final DocumentRules rules;
    private final String path;
    private final Optional<String> id;
    private final Optional<Long> modifiedMillis;
    private boolean isRead;

    /// @param path an attribute
    /// @param id empty: made of source and text
    /// @param modifiedMillis when it was written last, where that is known
    TextReader(
            Text text,
            DocumentRules rules,
            String path,
            Optional<String> id,
            Optional<Long> modifiedMillis,
            Position from) {
        this.text = text;
        this.rules = rules;
        this.path = path;
        this.id = id;
        this.modifiedMillis = modifiedMillis;
        this.isRead = from.entries() > 0;
    }

    @Override
    public @Nullable Entry next() throws IOException {
        if (isRead) {
            return null;
        }
        isRead = true;
        byte[] bytes;
        try {
            bytes = text.readNBytes(rules.maxTextBytes() + 1);
        } catch (DamagedException e) {
            throw new DamagedInputException("the file", String.valueOf(e.getMessage()));
        }
        DocumentFields values = new DocumentFields()
                .id(id.orElse(null))
                .text(bytes)
                .time(modifiedMillis.orElse(null))
                .attribute("path", path);
        Parsed parsed;
        try {
            if (bytes.length > rules.maxTextBytes()) {
                throw new RefusedException(
                        Parsed.TOO_LONG,
                        "expected at most " + rules.maxTextBytes() + " bytes of text, but there are more");
            }
            parsed = values.document(rules);
        } catch (RefusedException e) {
            parsed = e.refused(values.id());
        }
        return new Entry(parsed, 1, "the file", ByteBuffer.wrap(bytes), bytes.length);
    }

    @Override
    public Position position() {
        return new Position(isRead ? 1 : 0, 0);
    }

    @Override
    public Optional<String> note() {
        return text.toldCharset().map(charset -> "read as " + charset + ", as its first bytes tell");
    }

    @Override
    public void close() throws IOException {
        text.close();
    }
}
