package dev.dyadic.ingest.format;

import dev.dyadic.ingest.bytes.DamagedException;
import dev.dyadic.ingest.bytes.Input;
import dev.dyadic.ingest.bytes.Unpacked;
import dev.dyadic.ingest.document.DocumentRules;
import dev.dyadic.ingest.document.JsonDocuments;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/// Opens inputs in the format that they have.
public final class Readers {
    private static final int HEAD_BYTES = 1024;

    private Readers() {}

    /// @param from where to begin, as another reader of the same input told
    /// @param storedBytes counts what is read of the input, as it is stored
    /// @throws IOException where it cannot be read at all
    public static EntryReader open(Input input, ReadSettings settings, Position from, AtomicLong storedBytes)
            throws IOException {
        DocumentRules rules = settings.sourceFromPath()
                .map(pattern -> settings.rules().withSource(pattern.of(input.path())))
                .orElse(settings.rules());
        Path file = input.file();
        return switch (format(input, settings)) {
            case JSON -> new JsonReader(input.text(storedBytes, settings.charset()), new JsonDocuments(rules), from);
            case WARC -> new WarcEntries(input.unpacked(storedBytes, true), rules, from);
            case PARQUET -> {
                if (file == null) {
                    throw new IOException("Parquet is read from its end, so it needs a file, not a stream");
                }
                yield new ParquetReader(file, rules, from, storedBytes);
            }
            case TEXT ->
                new TextReader(
                        input.text(storedBytes, settings.charset()),
                        rules,
                        input.path(),
                        settings.idFromPath().map(pattern -> pattern.of(input.path())),
                        file == null
                                ? Optional.empty()
                                : Optional.of(Files.getLastModifiedTime(file).toMillis()),
                        from);
        };
    }

    private static Format format(Input input, ReadSettings settings) throws IOException {
        Optional<Format> known = settings.format().or(() -> Format.ofName(input.path()));
        if (known.isPresent()) {
            return known.get();
        }
        if (input.file() == null) {
            // A stream cannot be looked at twice.
            return Format.JSON;
        }
        try (Unpacked bytes = input.unpacked(new AtomicLong(), true)) {
            String head = new String(bytes.readNBytes(HEAD_BYTES), StandardCharsets.UTF_8)
                    .replace("\uFEFF", "")
                    .replace("\0", "");
            return Format.ofHead(head)
                    .orElseThrow(() -> new IOException(
                            "neither its name nor its first bytes tell its format: name it with" + " --format"));
        } catch (DamagedException e) {
            return Format.JSON;
        }
    }
}
