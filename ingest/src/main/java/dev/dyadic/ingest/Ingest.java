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
import dev.dyadic.ingest.job.Counts;
import dev.dyadic.ingest.job.InputState;
import dev.dyadic.ingest.job.InputState.State;
import dev.dyadic.ingest.job.Job;
import dev.dyadic.ingest.job.JobPublisher;
import dev.dyadic.ingest.job.Publisher;
import dev.dyadic.proto.Digests;
import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.avro.Document;
import dev.dyadic.proto.kafka.Cluster;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/// Reads inputs and publishes their documents. Owned by one thread; the producer's own buffer is the only queue, and
/// bounds what is in flight.
///
/// A document counts as accepted when all of Kafka's replicas have it. Running the same input twice is harmless: the
/// decomposer rejects the second copy of an id.
public final class Ingest implements AutoCloseable {
    private static final int MAX_SHOWN = 5;
    private static final int MAX_FAILED_SHOWN = 100;
    private static final int BEGIN_BYTES = 64 << 10;
    private static final long PROGRESS_EVERY_ENTRIES = 64;

    private final ReadSettings settings;
    private final Publisher publisher;
    private final DocumentRecords records;
    private final AtomicLong storedBytes = new AtomicLong();
    private final List<String> firstRefused = new ArrayList<>();
    private final List<String> failed = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();
    /// Of this start; every input has its own, of all starts.
    private final Counts counts = new Counts();
    private Sample sample = Sample.ALL;
    private long maxDocuments = Long.MAX_VALUE;
    private long maxRefused = Long.MAX_VALUE;
    private Consumer<Document> onAccepted = _ -> {};
    private long acceptedBefore;
    private long refusedBefore;
    private long inputs;
    private long inputsReadBefore;
    private long inputsGoneOn;

    private Ingest(ReadSettings settings, Publisher publisher, Topics topics) {
        this.settings = settings;
        this.publisher = publisher;
        this.records = new DocumentRecords(topics);
    }

    /// Publishes at once, and keeps no record of how far it came.
    public static Ingest direct(Cluster cluster, Topics topics, ReadSettings settings) {
        return new Ingest(settings, new Direct(new DocumentSink(cluster, topics, new SimpleMeterRegistry())), topics);
    }

    /// As [#direct], of inputs whose fields have the names of [Fields#DEFAULT].
    ///
    /// @param source of documents that name none
    public static Ingest direct(Cluster cluster, Topics topics, String source) {
        return direct(cluster, topics, ReadSettings.of(DocumentRules.of(Fields.DEFAULT, source)));
    }

    /// Goes on with a job, or begins it.
    ///
    /// @param again whether it begins anew, whatever was read before
    public static Ingest job(Cluster cluster, Topics topics, ReadSettings settings, Job job, boolean again) {
        return new Ingest(
                settings,
                new JobPublisher(
                        cluster, topics, job, again, settings.rules().clock(), DocumentSink.producerSettings()),
                topics);
    }

    /// Reads, and publishes nothing.
    public static Ingest dryRun(ReadSettings settings) {
        return new Ingest(settings, new DryRun(), new Topics("dry", "run"));
    }

    /// Publishes a part of the documents only.
    public Ingest sampling(Sample part) {
        sample = part;
        return this;
    }

    /// Stops after so many documents, those of earlier starts of the job included.
    public Ingest atMost(long documents) {
        maxDocuments = documents;
        return this;
    }

    /// Stops with an error once more entries were refused.
    public Ingest refusingAtMost(long entries) {
        maxRefused = entries;
        return this;
    }

    /// Tells every document that is accepted, as it is published.
    public Ingest telling(Consumer<Document> told) {
        onAccepted = told;
        return this;
    }

    /// Reads an input to its end, or on to it, and publishes what it has. An input that cannot be read is part of the
    /// report, and no reason to stop.
    public void read(Input input, IngestProgress progress) {
        read(input, progress, Long.MAX_VALUE);
    }

    /// As [#read(Input, IngestProgress)], until so many bytes of text were published from it.
    public void read(Input input, IngestProgress progress, long maxTextBytes) {
        long storedBefore = storedBytes.get();
        try {
            InputState state = state(input);
            if (state == null) {
                inputsReadBefore++;
            } else if (!isLimitReached()) {
                inputs++;
                read(input, state, progress, maxTextBytes);
            }
        } catch (IOException e) {
            failed(input, String.valueOf(e.getMessage()));
        }
        if (input.sizeBytes() >= 0) {
            storedBytes.set(storedBefore + input.sizeBytes());
        }
        tell(progress);
    }

    /// Waits until everything that was published is acknowledged.
    public IngestReport flush() {
        publisher.flush();
        return new IngestReport(
                counts.accepted(),
                acceptedBefore,
                counts.refused(),
                refusedBefore,
                counts.textBytes(),
                counts.split(),
                counts.parts(),
                counts.refusedByReason(),
                counts.leftOut(),
                counts.unread(),
                inputs,
                inputsReadBefore,
                inputsGoneOn,
                failed,
                firstRefused,
                notes);
    }

    @Override
    public void close() {
        publisher.close();
    }

    /// How far the input was read before; null where nothing of it is left.
    private @Nullable InputState state(Input input) throws IOException {
        long digest = beginDigest(input);
        String name = jobName(input);
        InputState found = publisher.found(name, input.sizeBytes(), digest);
        if (found == null) {
            if (publisher.wasFound(name)) {
                note(input, "was changed since it was read, and is read anew");
            }
            return new InputState(
                    name, input.sizeBytes(), digest, settings.rules().clock().millis());
        }
        acceptedBefore += found.counts().accepted();
        refusedBefore += found.counts().refused();
        return switch (found.state()) {
            case DONE -> null;
            case DAMAGED -> {
                failed(input, "was read before, and is damaged " + found.detail());
                yield null;
            }
            case READING, FAILED -> {
                inputsGoneOn += found.position().equals(Position.BEGIN) ? 0 : 1;
                found.end(State.READING, found.counts().hasDamage() ? found.detail() : "");
                yield found;
            }
        };
    }

    private void read(Input input, InputState state, IngestProgress progress, long maxTextBytes) throws IOException {
        long textBefore = counts.textBytes();
        try (EntryReader reader = open(input, state)) {
            boolean isAtEnd = false;
            for (long entries = 1; !isAtEnd; entries++) {
                if (isLimitReached() || counts.textBytes() - textBefore >= maxTextBytes) {
                    return;
                }
                isAtEnd = readEntry(input, reader, state);
                if (entries % PROGRESS_EVERY_ENTRIES == 0) {
                    tell(progress);
                }
            }
            reader.note().ifPresent(note -> note(input, note));
            State end = state.counts().hasDamage() ? State.DAMAGED : State.DONE;
            publisher.publish(List.of(), state, () -> state.end(end, state.detail()));
            if (end == State.DAMAGED) {
                failed(input, "is damaged " + state.detail());
            }
        } catch (IOException e) {
            publisher.publish(List.of(), state, () -> state.end(State.FAILED, String.valueOf(e.getMessage())));
            throw e;
        }
    }

    private EntryReader open(Input input, InputState state) throws IOException {
        try {
            return Readers.open(input, settings, state.position(), storedBytes);
        } catch (InvalidException e) {
            // A pattern that its path does not fit.
            throw new IOException(e.getMessage(), e);
        }
    }

    /// @return whether the input is at its end
    private boolean readEntry(Input input, EntryReader reader, InputState state) throws IOException {
        Entry entry;
        try {
            entry = next(reader);
        } catch (DamagedInputException e) {
            Parsed.Refused damage = new Parsed.Refused(Parsed.DAMAGED, String.valueOf(e.getMessage()), null);
            refuse(
                    input,
                    damage,
                    e.place(),
                    reader,
                    state,
                    new DocumentRecords.Origin(input.name(), reader.position().entries(), ByteBuffer.allocate(0), 0));
            return false;
        }
        if (entry == null) {
            return true;
        }
        switch (entry.parsed()) {
            case Parsed.Accepted(Document document, int bytes, List<String> fields) -> {
                if (sample.takes(document.getId())) {
                    accept(document, bytes, fields, reader, state);
                } else {
                    leaveOut("not in the sample", reader, state);
                }
            }
            case Parsed.LeftOut(String what) -> leaveOut(what, reader, state);
            case Parsed.Refused refusal ->
                refuse(
                        input,
                        refusal,
                        entry.place(),
                        reader,
                        state,
                        new DocumentRecords.Origin(input.name(), entry.number(), entry.bytes(), entry.wholeBytes()));
        }
        return false;
    }

    /// A defect in reading costs an input, and not those behind it.
    private static @Nullable Entry next(EntryReader reader) throws IOException {
        try {
            return reader.next();
        } catch (DyadicException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new IOException("a defect of this program, please report it: " + e, e);
        }
    }

    private void accept(Document document, int bytes, List<String> fields, EntryReader reader, InputState state) {
        List<Document> parts = settings.rules().parts(document);
        publisher.publish(parts.stream().map(records::document).toList(), state, () -> {
            state.readUpTo(reader.position());
            state.counts().accept(bytes, parts.size(), fields);
        });
        counts.accept(bytes, parts.size(), fields);
        parts.forEach(onAccepted);
    }

    private void leaveOut(String what, EntryReader reader, InputState state) {
        if (what.isEmpty()) {
            return;
        }
        publisher.publish(List.of(), state, () -> {
            state.readUpTo(reader.position());
            state.counts().leaveOut(what);
        });
        counts.leaveOut(what);
    }

    private void refuse(
            Input input,
            Parsed.Refused refusal,
            String place,
            EntryReader reader,
            InputState state,
            DocumentRecords.Origin origin) {
        String detail = DocumentRecords.cut(refusal.detail());
        if (firstRefused.size() < MAX_SHOWN) {
            firstRefused.add(input.name() + ", " + place + ": " + refusal.reason() + ": " + detail);
        }
        Parsed.Refused placed = new Parsed.Refused(refusal.reason(), detail + " (" + place + ")", refusal.documentId());
        ProducerRecord<byte[], byte[]> record = records.refusal(placed, origin);
        publisher.publish(List.of(record), state, () -> {
            state.readUpTo(reader.position());
            state.counts().refuse(refusal.reason());
            if (refusal.reason().equals(Parsed.DAMAGED)) {
                state.damaged("at " + place + ": " + detail);
            }
        });
        counts.refuse(refusal.reason());
        if (counts.refused() > maxRefused) {
            publisher.flush();
            throw new IngestException(
                    "more than " + maxRefused + " entries were refused, the last one at " + input.name() + ", " + place
                            + ": " + refusal.reason() + ": " + detail,
                    null);
        }
    }

    private void failed(Input input, String why) {
        if (failed.size() < MAX_FAILED_SHOWN) {
            failed.add(input.name() + ": " + why);
        } else if (failed.size() == MAX_FAILED_SHOWN) {
            failed.add("... and more");
        }
    }

    private void note(Input input, String what) {
        if (notes.size() < MAX_SHOWN) {
            notes.add(input.name() + ": " + what);
        }
    }

    private void tell(IngestProgress progress) {
        progress.update(counts.accepted(), counts.refused(), storedBytes.get());
    }

    private boolean isLimitReached() {
        return counts.accepted() + acceptedBefore >= maxDocuments;
    }

    /// By which a job knows its inputs.
    private static String jobName(Input input) {
        return Optional.ofNullable(input.file())
                .map(file -> file.toAbsolutePath().normalize().toString())
                .orElse(input.name());
    }

    private static long beginDigest(Input input) throws IOException {
        Path file = input.file();
        if (file == null) {
            return 0;
        }
        try (InputStream stream = Files.newInputStream(file)) {
            return Digests.xxh64(stream.readNBytes(BEGIN_BYTES));
        }
    }
}
