package dev.dyadic.deploy.local;

import dev.dyadic.ingest.Ingest;
import dev.dyadic.ingest.IngestProgress;
import dev.dyadic.ingest.IngestReport;
import dev.dyadic.ingest.bytes.Input;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.kafka.Cluster;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/// Publishes the bundled sample as a live stream: a part at once, then a document now and then until it is stopped.
/// When the sample is at its end it starts anew, as other documents of the same texts.
public final class SampleFeed implements AutoCloseable {
    private static final String RESOURCE = "/sample/sample.jsonl.gz";
    private static final String ID_START = "{\"id\": \"";

    private final Thread thread;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicReference<@Nullable IngestReport> report = new AtomicReference<>();
    private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();

    private SampleFeed(Cluster cluster, Topics topics, int atOnce, long everyMillis, String idPrefix) {
        this.thread = Thread.ofPlatform()
                .name("dyadic-feed")
                .unstarted(() -> feed(cluster, topics, atOnce, everyMillis, idPrefix));
    }

    /// @param atOnce documents published without a pause
    /// @param everyMillis pause between the others
    public static SampleFeed start(Cluster cluster, Topics topics, int atOnce, long everyMillis) {
        return start(cluster, topics, atOnce, everyMillis, "");
    }

    /// @param idPrefix of all documents
    public static SampleFeed start(Cluster cluster, Topics topics, int atOnce, long everyMillis, String idPrefix) {
        SampleFeed feed = new SampleFeed(cluster, topics, atOnce, everyMillis, idPrefix);
        feed.thread.start();
        return feed;
    }

    /// The bundled sample, as it is.
    public static Input input() {
        return Input.stream("the bundled sample", SampleFeed::packed);
    }

    /// Publishes the whole sample so many times, as other documents each time, and waits until it is acknowledged.
    ///
    /// @return bytes of text
    public static long publishAll(Cluster cluster, Topics topics, int copies) {
        try (Ingest ingest = Ingest.direct(cluster, topics, "sample")) {
            List<String> lines = lines();
            for (int copy = 0; copy < copies; copy++) {
                String round = "copy-" + copy + "/";
                publish(ingest, lines.stream().map(line -> renamed(line, round)).collect(Collectors.joining("\n")));
            }
            return ingest.flush().textBytes();
        }
    }

    /// Stops publishing and waits until everything is acknowledged.
    public IngestReport finish() {
        close();
        RuntimeException cause = failure.get();
        if (cause != null) {
            throw cause;
        }
        IngestReport result = report.get();
        if (result == null) {
            throw new IllegalStateException("the feed ended without a report");
        }
        return result;
    }

    @Override
    public void close() {
        if (ended.compareAndSet(false, true)) {
            stop.countDown();
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /// The lines of the sample.
    static List<String> lines() {
        try (InputStream packed = packed()) {
            BufferedReader reader =
                    new BufferedReader(new InputStreamReader(new GZIPInputStream(packed), StandardCharsets.UTF_8));
            return reader.lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + RESOURCE, e);
        }
    }

    private static InputStream packed() {
        InputStream packed = SampleFeed.class.getResourceAsStream(RESOURCE);
        if (packed == null) {
            throw new IllegalStateException("this program was built without " + RESOURCE);
        }
        return packed;
    }

    private void feed(Cluster cluster, Topics topics, int atOnce, long everyMillis, String idPrefix) {
        List<String> lines =
                lines().stream().map(line -> renamed(line, idPrefix)).toList();
        try (Ingest ingest = Ingest.direct(cluster, topics, "sample")) {
            publish(ingest, String.join("\n", lines.subList(0, Math.min(atOnce, lines.size()))));
            ingest.flush();
            for (long next = atOnce; !stop.await(everyMillis, TimeUnit.MILLISECONDS); next++) {
                String line = lines.get((int) (next % lines.size()));
                long round = next / lines.size();
                publish(ingest, round == 0 ? line : renamed(line, "round-" + round + "/"));
            }
            report.set(ingest.flush());
        } catch (RuntimeException e) {
            failure.set(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void publish(Ingest ingest, String lines) {
        InputStream stream = new ByteArrayInputStream(lines.getBytes(StandardCharsets.UTF_8));
        ingest.read(Input.stream("the bundled sample", stream), IngestProgress.NONE);
    }

    private static String renamed(String line, String prefix) {
        if (!line.startsWith(ID_START)) {
            throw new IllegalStateException("a line of the sample does not start with its id");
        }
        return ID_START + prefix + line.substring(ID_START.length());
    }
}
