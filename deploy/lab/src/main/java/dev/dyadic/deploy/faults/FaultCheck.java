package dev.dyadic.deploy.faults;

import dev.dyadic.deploy.audit.Audit;
import dev.dyadic.deploy.audit.AuditReport;
import dev.dyadic.deploy.history.KafkaHistory;
import dev.dyadic.deploy.stats.CorpusStats;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpus;
import dev.dyadic.sampler.client.SamplerClient;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// What has to hold after the faults: every document, token and row is accounted for, and every step that was fetched
/// has the same bytes at a sampler that has seen nothing of it.
final class FaultCheck {
    /// The live run needs so many steps: with fewer, nothing was tried.
    private static final long MIN_STEPS = 20;

    private final Cluster cluster;
    private final Recorder recorder;
    private final Victim fresh;
    private final int port;

    /// @param fresh a sampler with an empty disk, not started
    FaultCheck(Cluster cluster, Recorder recorder, Victim fresh, int port) {
        this.cluster = cluster;
        this.recorder = recorder;
        this.fresh = fresh;
        this.port = port;
    }

    /// @param documents that ingest had acknowledged
    void check(long documents, List<String> problems) throws IOException, InterruptedException {
        if (recorder.next(FaultRun.LIVE) < MIN_STEPS || recorder.next(FaultRun.FORK) < 1) {
            problems.add("only " + recorder.next(FaultRun.LIVE) + " steps of the live run and "
                    + recorder.next(FaultRun.FORK) + " of its fork were fetched: nothing was tried");
        }
        Corpus corpus = Corpus.open(cluster, Stage.TOPICS, Optional.empty());
        try (KafkaHistory history = new KafkaHistory(cluster, corpus, KafkaHistory.Progress.NONE)) {
            CorpusStats stats = CorpusStats.of(history);
            CorpusStats.Documents found = stats.documents();
            // Documents that retention took after they were decomposed are gone, and what became of them is there.
            if (found.accepted() + found.gone() != documents
                    || found.decomposed() + found.rejected() != found.accepted()
                    || found.trimmed() + found.lostAtMost() != 0) {
                problems.add("law 1: ingest had " + documents + " documents acknowledged, but the topics say "
                        + stats.documents());
            }
            for (String run : List.of(FaultRun.LIVE, FaultRun.FORK, Stage.TRAIN, FaultRun.ALL)) {
                AuditReport report = Audit.of(
                        history,
                        run,
                        step -> Optional.ofNullable(recorder.seen().get(new Recorder.StepKey(run, step)))
                                .map(Recorder.Seen::digest));
                report.laws().stream()
                        .filter(law -> !law.ok())
                        .forEach(law -> problems.add("run " + run + ", law " + law.law() + ": " + law.detail()));
            }
        }
        replay(problems);
    }

    /// A sampler that has seen nothing of all this serves the same bytes.
    private void replay(List<String> problems) throws IOException {
        Recorder replayed = new Recorder();
        try (fresh;
                SamplerClient client = new SamplerClient("127.0.0.1:" + port, 30_000)) {
            fresh.start();
            recorder.seen().forEach((key, seen) -> {
                if (!replayed.fetch(client, "sampler-fresh", key.run(), key.step())) {
                    problems.add("step " + key.step() + " of " + key.run() + " is refused by a new sampler: "
                            + replayed.refusals());
                } else if (!seen.equals(replayed.seen().get(key))) {
                    problems.add("law 3: step " + key.step() + " of " + key.run()
                            + " has other bytes in an undisturbed replay");
                }
            });
        }
    }
}
