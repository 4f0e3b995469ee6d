package dev.dyadic.deploy.doctor;

import dev.dyadic.proto.Topics;
import dev.dyadic.sampler.client.SamplerClient;
import dev.dyadic.sampler.client.SamplerClientException;
import dev.dyadic.v1.SamplerProto.CorpusDescription;
import dev.dyadic.v1.SamplerProto.Notice;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/// A sampler, asked by itself.
public final class SamplerChecks {
    private static final double NEARLY_FULL = 0.9;

    private SamplerChecks() {}

    /// @param version of this program
    public static List<Finding> of(
            SamplerClient client, String address, Topics topics, String version, InstantSource clock) {
        long before = clock.millis();
        CorpusDescription corpus;
        try {
            corpus = client.describeCorpus();
        } catch (SamplerClientException e) {
            return List.of(Finding.failure(
                    "sampler",
                    String.valueOf(e.getMessage()),
                    "start one with: dyadic sample, or say where it is with --sampler"));
        }
        return of(corpus, address, topics, version, (before + clock.millis()) / 2);
    }

    static List<Finding> of(CorpusDescription corpus, String address, Topics topics, String version, long nowMillis) {
        List<Finding> findings = new ArrayList<>();
        String what = "sampler";
        String name = corpus.getReplica() + " at " + address;
        if (!corpus.getCorpus().equals(topics.corpus())) {
            findings.add(Finding.failure(
                    what,
                    name + " serves corpus " + corpus.getCorpus(),
                    "name its corpus with --corpus, or another --sampler"));
            return findings;
        }
        findings.add(Finding.ok(what, "%s, %,d records behind".formatted(name, corpus.getReplicationLagRecords())));
        if (!corpus.getVersion().equals(version)) {
            findings.add(Finding.warning(
                    "version",
                    name + " has version " + corpus.getVersion() + ", and this program " + version,
                    "use one version everywhere; samplers are upgraded first"));
        } else {
            findings.add(Finding.ok("version", name + " has version " + version + ", as this program"));
        }
        for (Notice stall : corpus.getStallsList()) {
            findings.add(Finding.failure("data", name + ": " + stall.getText(), "mend what it says"));
        }
        for (Notice warning : corpus.getWarningsList()) {
            findings.add(Finding.warning("data", name + ": " + warning.getText(), "mend what it says"));
        }
        long limit = corpus.getDiskLimitBytes();
        if (limit > 0 && corpus.getDiskBytes() > NEARLY_FULL * limit) {
            findings.add(Finding.warning(
                    "disk of the sampler",
                    "%s: %,d of %,d MiB of --max-disk-bytes are taken"
                            .formatted(name, corpus.getDiskBytes() >> 20, limit >> 20),
                    "raise --max-disk-bytes, or close runs that need old rows"));
        }
        KafkaChecks.clock("clock of " + name, corpus.getNowMillis() - nowMillis, true)
                .ifPresent(findings::add);
        return findings;
    }
}
