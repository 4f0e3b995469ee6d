package dev.dyadic.ingest.format;

import dev.dyadic.ingest.bytes.Input;
import dev.dyadic.ingest.document.DocumentRules;
import dev.dyadic.ingest.document.Fields;
import dev.dyadic.ingest.document.Parsed;
import dev.dyadic.proto.avro.Document;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/// What came of an input, for tests.
final class Reading {
    static final ReadSettings DEFAULT = ReadSettings.of(DocumentRules.of(Fields.DEFAULT, "fallback"));

    final List<Document> documents = new ArrayList<>();
    /// Texts, "refused: REASON", "left out: WHAT" and "damage", in their order.
    final List<String> outcomes = new ArrayList<>();
    final List<String> places = new ArrayList<>();
    final List<String> details = new ArrayList<>();
    /// Behind each outcome.
    final List<Position> positions = new ArrayList<>();
    Optional<String> note = Optional.empty();
    Optional<String> failure = Optional.empty();

    static Reading of(byte[] stored) throws IOException {
        return of(Input.stream("input", new ByteArrayInputStream(stored)), DEFAULT, Position.BEGIN);
    }

    static Reading of(Input input, ReadSettings settings, Position from) throws IOException {
        Reading reading = new Reading();
        try (EntryReader reader = Readers.open(input, settings, from, new AtomicLong())) {
            boolean isAtEnd = false;
            while (!isAtEnd) {
                isAtEnd = !reading.readOne(reader);
            }
            reading.note = reader.note();
        }
        return reading;
    }

    List<String> texts() {
        return documents.stream().map(Reading::text).toList();
    }

    static String text(Document document) {
        return StandardCharsets.UTF_8.decode(document.getText().duplicate()).toString();
    }

    private boolean readOne(EntryReader reader) {
        try {
            Entry entry = reader.next();
            if (entry == null) {
                return false;
            }
            switch (entry.parsed()) {
                case Parsed.Accepted accepted -> {
                    documents.add(accepted.document());
                    add(text(accepted.document()), entry.place(), "");
                }
                case Parsed.Refused refused -> add("refused: " + refused.reason(), entry.place(), refused.detail());
                case Parsed.LeftOut(String what) -> {
                    if (!what.isEmpty()) {
                        add("left out: " + what, entry.place(), "");
                    }
                }
            }
        } catch (DamagedInputException e) {
            add("damage", e.place(), String.valueOf(e.getMessage()));
        } catch (IOException e) {
            failure = Optional.of(String.valueOf(e.getMessage()));
            return false;
        }
        if (positions.size() < outcomes.size()) {
            positions.add(reader.position());
        }
        return true;
    }

    private void add(String outcome, String place, String detail) {
        outcomes.add(outcome);
        places.add(place);
        details.add(detail);
    }
}
