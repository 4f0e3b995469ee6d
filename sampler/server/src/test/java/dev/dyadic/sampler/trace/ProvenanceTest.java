package dev.dyadic.sampler.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.sampler.TestCorpus;
import dev.dyadic.sampler.gather.Batches;
import dev.dyadic.sampler.gather.RowRepair;
import dev.dyadic.sampler.ledger.Signal;
import dev.dyadic.sampler.order.RunOrder;
import dev.dyadic.sampler.segments.SegmentStore;
import dev.dyadic.v1.SamplerProto.ExplainResponse;
import dev.dyadic.v1.SamplerProto.TraceRequest;
import dev.dyadic.v1.SamplerProto.TraceResponse;
import dev.dyadic.v1.SamplerProto.TracedSequence;
import dev.dyadic.v1.SamplerProto.Use;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProvenanceTest {
    private final TestCorpus corpus = new TestCorpus(5, 120);
    private final SegmentStore store;
    private final RunOrder order;
    private final Batches batches;
    private final Provenance provenance;

    ProvenanceTest(@TempDir Path directory) {
        store = corpus.fill(directory);
        order = corpus.planned(store);
        batches = new Batches(
                store, corpus.corpus.settings(), new Signal(), new RowRepair(store, corpus), 1 << 20, 1 << 20);
        provenance = new Provenance(corpus.corpus.settings(), store, corpus, corpus.ledger, batches);
    }

    @AfterEach
    void close() {
        batches.close();
        store.close();
    }

    /// A document and a place in a run.
    private record Found(String document, int piece, long step, int row) {}

    @Test
    void traceIsTheInverseOfExplain() throws InterruptedException {
        Set<Found> explained = new HashSet<>();
        Set<String> documents = new HashSet<>();
        for (long step = 0; step < order.horizon(); step++) {
            ExplainResponse response = provenance.explain(order, step, 0, 0);
            for (int row = 0; row < response.getSequencesCount(); row++) {
                var sequence = response.getSequences(row);
                documents.add(sequence.getDocumentId());
                explained.add(new Found(sequence.getDocumentId(), sequence.getPiece(), step, row));
            }
        }

        Set<Found> traced = new HashSet<>();
        for (String document : documents) {
            for (TracedSequence sequence : trace(document)) {
                for (Use use : sequence.getUsesList()) {
                    traced.add(new Found(document, sequence.getSequence().getPiece(), use.getStep(), use.getRow()));
                }
            }
        }

        assertThat(traced).isEqualTo(explained).hasSizeGreaterThan(50);
    }

    @Test
    void everySequenceOfADocumentIsFoundWhetherAStepHasItOrNot() throws InterruptedException {
        assertThat(trace("document-7"))
                .hasSameSizeAs(corpus.rowsOf("document-7"))
                .hasSize(2);
        assertThat(trace("nobody")).isEmpty();
    }

    @Test
    void aWholeIsFoundInAllItsParts(@TempDir Path directory) throws InterruptedException {
        List<String> ids = List.of("whole#part-0", "whole#part-1", "whole#part-2");
        ids.forEach(id -> corpus.addPart(TestCorpus.BUCKETS.get(0), 0, id, "whole"));
        SegmentStore parts = corpus.fill(directory);
        Provenance all = new Provenance(corpus.corpus.settings(), parts, corpus, corpus.ledger, batches);

        assertThat(trace(all, ofDocument("whole")).getSequencesList())
                .extracting(traced -> traced.getSequence().getDocumentId())
                .containsExactlyElementsOf(ids);
        assertThat(trace(all, ofDocument("whole#part-1")).getSequencesList())
                .extracting(traced -> traced.getSequence().getWholeId())
                .containsExactly("whole");
        assertThat(trace(all, ofDocument("whole#part-3")).getSequencesList()).isEmpty();
        // Of rows that Kafka no longer has, nothing but the whole is known.
        corpus.forget(TestCorpus.BUCKETS.get(0), 0);
        assertThat(trace(all, ofDocument("whole")).getSequencesList()).hasSize(3);
        assertThat(trace(all, ofDocument("whole#part-1")).getSequencesList()).isEmpty();
        parts.close();
    }

    @Test
    void whatIsNotThereIsRefused() {
        assertThatThrownBy(() -> provenance.explain(order, order.horizon(), 0, 0))
                .isInstanceOf(DyadicException.class)
                .hasMessage(
                        "step " + order.horizon() + " of run run is not planned: " + order.horizon() + " steps are");
        assertThatThrownBy(() -> provenance.explain(order, 0, 5, 100)).isInstanceOf(InvalidException.class);
        assertThatThrownBy(() -> trace(provenance, TraceRequest.getDefaultInstance()))
                .hasMessage("name a document id, or contents");
    }

    private List<TracedSequence> trace(String document) throws InterruptedException {
        return trace(provenance, ofDocument(document)).getSequencesList();
    }

    private static TraceResponse trace(Provenance provenance, TraceRequest request) throws InterruptedException {
        try (ScanLane.Scan scan = new ScanLane(() -> false).enter(() -> false, System.nanoTime() + (1L << 40))) {
            return provenance.trace(request, scan);
        }
    }

    private static TraceRequest ofDocument(String id) {
        return TraceRequest.newBuilder().setDocumentId(id).build();
    }
}
