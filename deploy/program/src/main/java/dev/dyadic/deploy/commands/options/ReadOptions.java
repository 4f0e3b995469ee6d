package dev.dyadic.deploy.commands.options;

import dev.dyadic.ingest.document.DocumentRules;
import dev.dyadic.ingest.document.Fields;
import dev.dyadic.ingest.document.Fields.Role;
import dev.dyadic.ingest.document.TooLong;
import dev.dyadic.ingest.format.Format;
import dev.dyadic.ingest.format.PathPattern;
import dev.dyadic.ingest.format.ReadSettings;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.Named;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How inputs are read: their format, and where documents have what.
public final class ReadOptions {
    @Option(
            names = "--format",
            description = "json, parquet, warc or text; default: by the name of each file, or else by its first bytes.")
    private @Nullable String format;

    @Option(
            names = "--charset",
            paramLabel = "NAME",
            description = "Of JSON and texts, such as windows-1252; default: by the first bytes, or else UTF-8.")
    private @Nullable String charset;

    @Option(
            names = "--source",
            defaultValue = "default",
            description = "Source of documents that name none; default ${DEFAULT-VALUE}.")
    private String source = "default";

    @Option(
            names = "--source-from-path",
            paramLabel = "PATTERN",
            description = "Source of documents that name none, made of their file's path in the folder that was named:"
                    + " {1} is its first folder, {-1} the last, {name} the file, {stem} that without extensions, {path}"
                    + " all of it.")
    private @Nullable String sourceFromPath;

    @Option(
            names = "--id-from-path",
            paramLabel = "PATTERN",
            description = "Id of a text file, as --source-from-path; default: made of its source and text.")
    private @Nullable String idFromPath;

    @Option(
            names = "--text-field",
            paramLabel = "FIELD",
            description = "Field that holds the text; default text. A name with dots is a path, such as meta.url.")
    private @Nullable String textField;

    @Option(names = "--id-field", paramLabel = "FIELD", description = "Field that holds the id; default id.")
    private @Nullable String idField;

    @Option(
            names = "--source-field",
            paramLabel = "FIELD",
            description = "Field that holds the source; default source.")
    private @Nullable String sourceField;

    @Option(
            names = "--time-field",
            paramLabel = "FIELD",
            split = ",",
            description = "The first that an entry has counts; default time,event_time,eventTime,timestamp.")
    private @Nullable List<String> timeFields;

    @Option(
            names = "--too-long",
            paramLabel = "refuse|split",
            defaultValue = "refuse",
            description =
                    "Of texts over 4 MiB in what is read: refuse them, or split them at the ends of paragraphs, up to 32 MiB, into"
                            + " documents that know their whole; default ${DEFAULT-VALUE}.")
    private String tooLong = "refuse";

    public String source() {
        return source;
    }

    public ReadSettings settings() {
        if (idField == null && sourceField == null && timeFields == null && textField == null) {
            return settings(Fields.DEFAULT);
        }
        Set<Role> named = EnumSet.of(Role.TEXT);
        if (idField != null) {
            named.add(Role.ID);
        }
        if (sourceField != null) {
            named.add(Role.SOURCE);
        }
        if (timeFields != null) {
            named.add(Role.TIME);
        }
        Fields defaults = Fields.DEFAULT;
        return settings(new Fields(
                idField == null ? defaults.id() : idField,
                textField == null ? defaults.text() : textField,
                sourceField == null ? defaults.source() : sourceField,
                timeFields == null ? defaults.time() : timeFields,
                defaults.attributes(),
                named));
    }

    public boolean refusesTooLong() {
        return tooLong.equals(TooLong.REFUSE.text());
    }

    /// All of it in one text: the same for the same reading.
    public String described() {
        List<String> parts = new ArrayList<>();
        for (Object part : new @Nullable Object[] {
            format, charset, source, sourceFromPath, idFromPath, tooLong, textField, idField, sourceField, timeFields
        }) {
            parts.add(String.valueOf(part));
        }
        return String.join("\0", parts);
    }

    private ReadSettings settings(Fields fields) {
        return new ReadSettings(
                DocumentRules.of(fields, source).with(Named.of(TooLong.values(), "too-long", tooLong)),
                Optional.ofNullable(format).map(name -> Named.of(Format.values(), "format", name)),
                Optional.ofNullable(charset).map(ReadOptions::charset),
                Optional.ofNullable(sourceFromPath).map(pattern -> PathPattern.parse("source-from-path", pattern)),
                Optional.ofNullable(idFromPath).map(pattern -> PathPattern.parse("id-from-path", pattern)));
    }

    private static Charset charset(String name) {
        try {
            return Charset.forName(name);
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            throw new InvalidException(
                    "charset must be one that this Java knows, such as windows-1252 or utf-16le, but was '" + name
                            + "'");
        }
    }
}
