package dev.dyadic.ingest;

import dev.dyadic.proto.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/// The texts of JSON lines, as documents would have them, without making documents of them.
public final class JsonTexts {
    private static final String NO_SOURCE = "none";

    private final DocumentParser parser;

    public JsonTexts(Fields fields) {
        this.parser = new DocumentParser(fields, NO_SOURCE, Limits.MAX_TEXT_BYTES, InstantSource.system());
    }

    /// Tells the text of each line, in UTF-8.
    ///
    /// @throws IngestException names the first line that is no document
    public void read(Input input, Consumer<byte[]> texts) {
        try (InputStream stream = input.open(new AtomicLong())) {
            LineReader lines = new LineReader(stream, Ingest.MAX_LINE_BYTES);
            for (Line line = lines.next(); line != null; line = lines.next()) {
                switch (parser.parse(line)) {
                    case Parsed.Accepted accepted -> {
                        ByteBuffer text = accepted.document().getText();
                        byte[] bytes = new byte[text.remaining()];
                        text.duplicate().get(bytes);
                        texts.accept(bytes);
                    }
                    case Parsed.Refused refused ->
                        throw new IngestException(
                                input.name() + ", line " + line.number() + ": " + refused.detail(), null);
                    case Parsed.Blank() -> {}
                }
            }
        } catch (IOException e) {
            throw new IngestException("cannot read " + input.name() + ": " + e.getMessage(), e);
        }
    }
}
