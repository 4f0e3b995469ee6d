package dev.dyadic.deploy.local;

import dev.dyadic.ingest.Fields;
import dev.dyadic.ingest.Ingest;
import dev.dyadic.ingest.IngestProgress;
import dev.dyadic.ingest.IngestReport;
import dev.dyadic.ingest.Input;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.kafka.Cluster;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/// Publishes the bundled sample as a live stream: a part at once, then a document now and then until it is stopped.
/// When
/// the sample is at its end it starts anew, as other documents of the same texts.
public final class SampleFeed implements AutoCloseable {
    private static final String RESOURCE = "/sample/sample.jsonl.gz";
    private static final String ID_START = "{\"id\": \"";

    private final Thread thread;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicReference<@Nullable IngestReport> report = new AtomicReference<>();
    private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();

    private SampleFeed(Cluster cluster, Topics topics, int atOnce, long everyMillis) {
        this.thread =
                Thread.ofPlatform().name("dyadic-feed").unstarted(() -> feed(cluster, topics, atOnce, everyMillis));
    }

    /// @param atOnce documents published without a pause
    /// @param everyMillis pause between the others
    public static SampleFeed start(Cluster cluster, Topics topics, int atOnce, long everyMillis) {
        SampleFeed feed = new SampleFeed(cluster, topics, atOnce, everyMillis);
        feed.thread.start();
        return feed;
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
        try (InputStream packed = SampleFeed.class.getResourceAsStream(RESOURCE)) {
            if (packed == null) {
                throw new IllegalStateException("this program was built without " + RESOURCE);
            }
            BufferedReader reader =
                    new BufferedReader(new InputStreamReader(new GZIPInputStream(packed), StandardCharsets.UTF_8));
            return reader.lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + RESOURCE, e);
        }
    }

    private void feed(Cluster cluster, Topics topics, int atOnce, long everyMillis) {
        List<String> lines = lines();
        try (Ingest ingest = new Ingest(cluster, topics, Fields.DEFAULT, "sample", InstantSource.system())) {
            publish(ingest, String.join("\n", lines.subList(0, Math.min(atOnce, lines.size()))));
            ingest.flush();
            for (long next = atOnce; !stop.await(everyMillis, TimeUnit.MILLISECONDS); next++) {
                String line = lines.get((int) (next % lines.size()));
                long round = next / lines.size();
                publish(ingest, round == 0 ? line : renamed(line, round));
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

    private static String renamed(String line, long round) {
        if (!line.startsWith(ID_START)) {
            throw new IllegalStateException("a line of the sample does not start with its id");
        }
        return ID_START + "round-" + round + "/" + line.substring(ID_START.length());
    }
}
