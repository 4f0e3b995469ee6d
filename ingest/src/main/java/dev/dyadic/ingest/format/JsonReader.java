package dev.dyadic.ingest.format;

import dev.dyadic.ingest.bytes.DamagedException;
import dev.dyadic.ingest.bytes.Text;
import dev.dyadic.ingest.document.JsonDocuments;
import dev.dyadic.ingest.document.Parsed;
import dev.dyadic.proto.Limits;
import dev.dyadic.proto.Utf8;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// JSON objects: one a line, or the elements of an array, or one after the other on as many lines as they like.
final class JsonReader implements EntryReader {
    private final Text text;
    private final Window window;
    private final JsonDocuments documents;
    private final Position from;
    private @Nullable JsonCutter cutter;
    private long entries;
    private long lastUse;
    /// What was met behind the entry that was told last.
    private @Nullable IOException failure;

    private boolean isAtEnd;
    private boolean seemsLatin1;

    JsonReader(Text text, JsonDocuments documents, Position from) {
        this.text = text;
        this.window = new Window(text);
        this.documents = documents;
        this.from = from;
        this.entries = from.entries();
        this.lastUse = from.offset();
    }

    @Override
    public @Nullable Entry next() throws IOException {
        if (isAtEnd) {
            return null;
        }
        try {
            if (failure != null) {
                IOException thrown = failure;
                failure = null;
                throw thrown;
            }
            JsonCutter pieces = cutter == null ? begin() : cutter;
            if (!pieces.next()) {
                isAtEnd = true;
                return null;
            }
            return entry(pieces);
        } catch (DamagedException e) {
            String place = "byte " + (window.offset() + window.length());
            // What was begun of an entry is part of the damage.
            isAtEnd = !window.recover();
            throw new DamagedInputException(place, String.valueOf(e.getMessage()));
        }
    }

    @Override
    public Position position() {
        return new Position(entries, window.offset());
    }

    @Override
    public Optional<String> note() {
        if (text.toldCharset().isPresent()) {
            return Optional.of("read as " + text.toldCharset().get() + ", as its first bytes tell");
        }
        return seemsLatin1
                ? Optional.of("what is no UTF-8 in it seems to be Western European: try --charset windows-1252")
                : Optional.empty();
    }

    @Override
    public void close() throws IOException {
        text.close();
    }

    /// Looks at the beginning for how values are parted, and goes to where reading begins.
    private JsonCutter begin() throws IOException {
        JsonCutter found = JsonShape.of(window).cutter(window);
        cutter = found;
        window.skipTo(from.offset());
        return found;
    }

    private Entry entry(JsonCutter pieces) throws IOException {
        entries += pieces.skipped() + 1;
        long number = entries;
        long offset = window.offset();
        byte[] bytes = window.bytes();
        int begin = window.begin();
        int end = begin + pieces.length();
        Parsed parsed = pieces.problem().isEmpty()
                ? documents.parse(bytes, begin, end)
                : new Parsed.Refused(pieces.reason(), pieces.problem(), null);
        if (parsed instanceof Parsed.LeftOut) {
            JsonCutter.giveUpPast(offset - lastUse, offset);
        } else {
            lastUse = offset;
        }
        if (parsed instanceof Parsed.Refused refused && refused.reason().equals("not-json")) {
            pieces.noJson();
        }
        if (parsed instanceof Parsed.Refused refused && refused.reason().equals("not-utf8")) {
            seemsLatin1 |= isLatin1(bytes, begin, end);
        }
        String place = pieces.unit() + " " + number + ", byte " + offset;
        ByteBuffer shown = ByteBuffer.wrap(bytes, begin, end - begin);
        if (!pieces.problem().isEmpty()) {
            // Going on may read over it.
            shown.limit(begin + Math.min(shown.remaining(), Limits.MAX_REJECT_COPY_BYTES));
            shown = ByteBuffer.allocate(shown.remaining()).put(shown).flip();
        }
        try {
            pieces.goOn();
        } catch (IOException e) {
            failure = e;
        }
        return new Entry(parsed, number, place, shown, end - begin);
    }

    /// Whether what is no UTF-8 is a letter of Western Europe, next to others.
    private static boolean isLatin1(byte[] bytes, int from, int to) {
        int at = Utf8.firstInvalid(bytes, from, to);
        return at > from
                && (bytes[at] & 0xFF) >= 0xC0
                && Character.isLetter(bytes[at - 1] & 0xFF)
                && (at + 1 == to || bytes[at + 1] >= 0);
    }
}
