package dev.dyadic.ingest.format;

import dev.dyadic.ingest.bytes.DamagedException;
import dev.dyadic.ingest.bytes.Unpacked;
import dev.dyadic.ingest.document.DocumentFields;
import dev.dyadic.ingest.document.DocumentRules;
import dev.dyadic.ingest.document.EventTimes;
import dev.dyadic.ingest.document.Fields.Role;
import dev.dyadic.ingest.document.Parsed;
import dev.dyadic.ingest.document.RefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.netpreserve.jwarc.HttpResponse;
import org.netpreserve.jwarc.MediaType;
import org.netpreserve.jwarc.ParsingException;
import org.netpreserve.jwarc.WarcConversion;
import org.netpreserve.jwarc.WarcReader;
import org.netpreserve.jwarc.WarcRecord;
import org.netpreserve.jwarc.WarcResource;
import org.netpreserve.jwarc.WarcResponse;

/// Records of a WARC or WET file (ISO 28500). Text is what was converted to text, and what came as plain text; all
/// other records are left out.
///
/// A packed file is read member by member, as most have one record in each: what is wrong with one does not reach the
/// next.
final class WarcEntries implements EntryReader {
    private static final int OK = 200;
    private static final Set<String> TYPES =
            Set.of("warcinfo", "response", "resource", "request", "metadata", "revisit", "conversion", "continuation");
    private static final String PLAIN_TEXT = "text/plain";
    /// User and password of an address.
    private static final Pattern USER_INFO = Pattern.compile("(?<=^[a-zA-Z][a-zA-Z0-9+.-]{0,20}://)[^/?#@]*@");

    private final WarcChannel channel;
    private final DocumentRules rules;
    private final Position from;
    private @Nullable WarcReader reader;
    private boolean isAtEnd;
    private long records;
    private long told;

    /// @param bytes read member by member
    WarcEntries(Unpacked bytes, DocumentRules rules, Position from) {
        this.channel = new WarcChannel(bytes);
        this.rules = rules;
        this.from = from;
        this.told = from.entries();
    }

    @Override
    public @Nullable Entry next() throws IOException {
        while (true) {
            Entry entry = nextRecord();
            if (entry == null || entry.number() > from.entries()) {
                told = records;
                return entry;
            }
        }
    }

    @Override
    public Position position() {
        return new Position(told, channel.offset());
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private @Nullable Entry nextRecord() throws IOException {
        while (!isAtEnd) {
            long begin = channel.offset();
            try {
                WarcReader opened = reader == null ? open() : reader;
                channel.beginHeader();
                Optional<WarcRecord> record = opened.next();
                if (record.isEmpty()) {
                    isAtEnd = !channel.nextMember();
                    reader = null;
                    continue;
                }
                return entry(record.get(), begin);
            } catch (DamagedException e) {
                // Before a record begins: nothing of it is known.
                goOn(true);
                if (begin >= from.offset()) {
                    throw damaged(begin, e);
                }
            } catch (IOException | RuntimeException e) {
                channel.throwIfFailed();
                goOn(false);
                if (begin >= from.offset()) {
                    throw damaged(begin, e);
                }
            }
        }
        return null;
    }

    /// Reads a record to its end, and looks whether it ends where it says.
    private Entry entry(WarcRecord record, long begin) throws IOException {
        long number = ++records;
        Parsed parsed = new Parsed.LeftOut((TYPES.contains(record.type()) ? record.type() : "other") + " records");
        DocumentFields values = new DocumentFields();
        byte[] text = new byte[0];
        channel.beginBody();
        try {
            try {
                byte[] found = number > from.entries() ? text(record) : null;
                if (found != null) {
                    text = found;
                    parsed = document(record, values.text(found));
                }
            } catch (RefusedException e) {
                parsed = e.refused(values.id());
            }
            record.body().consume();
            if (!channel.endsRight()) {
                parsed = falseLength(values);
                goOn(false);
            }
        } catch (IOException | RuntimeException e) {
            channel.throwIfFailed();
            parsed = new Parsed.Refused(Parsed.DAMAGED, "this record is damaged: " + e.getMessage(), values.id());
            goOn(e instanceof DamagedException);
        }
        return new Entry(parsed, number, "record " + number + ", byte " + begin, ByteBuffer.wrap(text), text.length);
    }

    private static Parsed falseLength(DocumentFields values) {
        return new Parsed.Refused(
                "false-length",
                "expected the record to end where its Content-Length says, but it does not",
                values.id());
    }

    private Parsed document(WarcRecord record, DocumentFields values) throws RefusedException {
        named(record, Role.ID, List.of(rules.fields().id()))
                .map(id -> withoutUser(bare(id)))
                .or(() -> record.headers().first("WARC-Record-ID"))
                .ifPresent(id -> values.id(bare(id)));
        named(record, Role.SOURCE, List.of(rules.fields().source()))
                .ifPresent(source -> values.source(withoutUser(bare(source))));
        record.headers().first("WARC-Target-URI").ifPresent(uri -> values.attribute("url", withoutUser(bare(uri))));
        record.headers()
                .first("WARC-Identified-Content-Language")
                .ifPresent(language -> values.attribute("language", language));
        time(record, values);
        return values.document(rules);
    }

    private void time(WarcRecord record, DocumentFields values) throws RefusedException {
        Optional<String> named = named(record, Role.TIME, rules.fields().time());
        Optional<String> date = named.or(() -> record.headers().first("WARC-Date"));
        if (date.isEmpty()) {
            return;
        }
        OptionalLong time = EventTimes.of(date.get());
        if (time.isPresent()) {
            values.time(time.getAsLong());
        } else if (named.isPresent()) {
            throw new RefusedException(
                    "wrong-type", "expected " + EventTimes.EXPECTED + " as time, but it is " + named.get());
        } else {
            values.unread("WARC-Date");
        }
    }

    /// What the user named in place of the usual header, where the record has it.
    private Optional<String> named(WarcRecord record, Role role, List<String> headers) {
        return rules.fields().named().contains(role)
                ? headers.stream()
                        .flatMap(name -> record.headers().first(name).stream())
                        .filter(value -> !value.isBlank())
                        .findFirst()
                : Optional.empty();
    }

    /// The text of a record in UTF-8, or null where it has none.
    private byte @Nullable [] text(WarcRecord record) throws IOException, RefusedException {
        return switch (record) {
            case WarcConversion conversion -> plain(type(conversion), conversion.body().stream());
            // What crawlers tell of themselves.
            case WarcResource resource when resource.target().startsWith("metadata:") -> null;
            case WarcResource resource -> plain(resource.contentType(), resource.body().stream());
            case WarcResponse response
            when isPlainResponse(response) -> {
                HttpResponse http = response.http();
                yield plain(http.contentType(), decoded(http));
            }
            default -> null;
        };
    }

    /// A response of another kind, or one that is broken in itself, has no text that anybody could use.
    private static boolean isPlainResponse(WarcResponse response) throws IOException {
        try {
            return response.contentType().base().equals(MediaType.HTTP)
                    && response.http().status() == OK
                    && isPlain(response.http().contentType());
        } catch (DamagedException e) {
            throw e;
        } catch (ParsingException | IllegalArgumentException e) {
            return false;
        }
    }

    private static InputStream decoded(HttpResponse http) throws IOException, RefusedException {
        try {
            return http.bodyDecoded().stream();
        } catch (DamagedException e) {
            throw e;
        } catch (IOException e) {
            throw new RefusedException("unknown-encoding", String.valueOf(e.getMessage()));
        }
    }

    /// Parsed only where it is not what it mostly is.
    private static MediaType type(WarcRecord record) {
        return record.headers().first("Content-Type").filter(PLAIN_TEXT::equals).isPresent()
                ? MediaType.PLAIN_TEXT
                : record.contentType();
    }

    private static boolean isPlain(MediaType type) {
        return (type.type() + "/" + type.subtype()).equalsIgnoreCase(PLAIN_TEXT);
    }

    private byte @Nullable [] plain(MediaType type, InputStream body) throws IOException, RefusedException {
        if (!isPlain(type)) {
            return null;
        }
        byte[] bytes = body.readNBytes(rules.maxTextBytes() + 1);
        if (bytes.length > rules.maxTextBytes()) {
            throw new RefusedException(
                    Parsed.TOO_LONG, "expected at most " + rules.maxTextBytes() + " bytes of text, but there are more");
        }
        String name = type.parameters().get("charset");
        if (name == null) {
            return bytes;
        }
        Charset charset;
        try {
            charset = Charset.forName(name);
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            throw new RefusedException("unknown-charset", "expected a known charset, but it is '" + name + "'");
        }
        try {
            return charset.newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes))
                    .toString()
                    .getBytes(StandardCharsets.UTF_8);
        } catch (CharacterCodingException e) {
            throw new RefusedException("not-utf8", "expected text in " + name + ", as it says, but it has other bytes");
        }
    }

    private WarcReader open() throws IOException {
        channel.beginHeader();
        WarcReader opened = new WarcReader(channel, channel.buffer());
        reader = opened;
        return opened;
    }

    private void goOn(boolean isDamaged) throws IOException {
        reader = null;
        channel.passGap();
        try {
            isAtEnd = !(isDamaged ? channel.recover() : channel.skipToRecord());
        } catch (DamagedException e) {
            // What was to be skipped is damaged itself.
            isAtEnd = !channel.recover();
        }
    }

    private static DamagedInputException damaged(long begin, Exception cause) {
        return new DamagedInputException("byte " + begin, "what stands there is no record: " + cause.getMessage());
    }

    private static String bare(String value) {
        String trimmed = value.strip();
        return trimmed.startsWith("<") && trimmed.endsWith(">") ? trimmed.substring(1, trimmed.length() - 1) : trimmed;
    }

    private static String withoutUser(String uri) {
        return uri.indexOf('@') < 0 ? uri : USER_INFO.matcher(uri).replaceFirst("");
    }
}
