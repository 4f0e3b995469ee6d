package dev.dyadic.ingest;

import dev.dyadic.ingest.bytes.Input;
import dev.dyadic.ingest.document.DocumentRules;
import dev.dyadic.ingest.document.Fields;
import dev.dyadic.ingest.document.Parsed;
import dev.dyadic.ingest.format.DamagedInputException;
import dev.dyadic.ingest.format.Entry;
import dev.dyadic.ingest.format.EntryReader;
import dev.dyadic.ingest.format.Position;
import dev.dyadic.ingest.format.ReadSettings;
import dev.dyadic.ingest.format.Readers;
import dev.dyadic.proto.Codec;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The texts of an input, as documents would have them, without publishing them.
public final class DocumentTexts {
    private static final String NO_SOURCE = "none";

    private final ReadSettings settings;

    public DocumentTexts(Fields fields) {
        this.settings = ReadSettings.of(DocumentRules.of(fields, NO_SOURCE));
    }

    /// Tells the text of each document, in UTF-8.
    ///
    /// @throws IngestException names the first entry that is no document
    public void read(Input input, Consumer<byte[]> texts) {
        try (EntryReader reader = Readers.open(input, settings, Position.BEGIN, new AtomicLong())) {
            for (Entry entry = reader.next(); entry != null; entry = reader.next()) {
                switch (entry.parsed()) {
                    case Parsed.Accepted accepted ->
                        texts.accept(Codec.array(accepted.document().getText()));
                    case Parsed.Refused refused ->
                        throw new IngestException(input.name() + ", " + entry.place() + ": " + refused.detail(), null);
                    case Parsed.LeftOut _ -> {}
                }
            }
        } catch (DamagedInputException e) {
            throw cannotRead(input, "at " + e.place() + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw cannotRead(input, e.getMessage(), e);
        }
    }

    private static IngestException cannotRead(Input input, @Nullable String why, IOException cause) {
        return new IngestException("cannot read " + input.name() + ": " + why, cause);
    }
}
