package dev.dyadic.deploy.commands.service;

import dev.dyadic.decomposer.SeenRebuild;
import dev.dyadic.deploy.commands.options.ClusterOptions;
import dev.dyadic.deploy.commands.options.OutputOptions;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.print.Texts;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpus;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "rebuild-seen",
        mixinStandardHelpOptions = true,
        description =
                "Makes the topic anew that says which documents were decomposed, where it was lost. Reads the length"
                        + " and rejects topics; all decomposers have to be stopped. Does nothing where the topic is there.",
        footerHeading = "%nExample:%n",
        footer = "  dyadic rebuild-seen --corpus main --replication 3")
public final class RebuildSeenCommand implements Callable<Integer> {
    private static final long NOTE_EVERY = 1_000_000;

    @Mixin
    private OutputOptions outputOptions = new OutputOptions();

    @Mixin
    private ClusterOptions clusterOptions = new ClusterOptions();

    @Option(names = "--replication", description = "Replicas of the topic; default: as many as the ledger has.")
    private @Nullable Short replication;

    @Override
    public Integer call() {
        Output output = outputOptions.open();
        Cluster cluster = clusterOptions.cluster();
        Corpus corpus = clusterOptions.openCorpus(cluster);
        Optional<Long> documents = SeenRebuild.run(
                cluster,
                corpus,
                Optional.ofNullable(replication),
                found -> {
                    if (found % NOTE_EVERY == 0) {
                        output.note("%,d documents", found);
                    }
                },
                warning -> output.note("warning: %s", warning));
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("rebuilt", documents.isPresent());
        facts.put("documents", documents.orElse(0L));
        output.json(facts);
        if (documents.isPresent()) {
            output.text(
                    "%s is rebuilt: %s were decomposed.",
                    corpus.topics().seenChangelog(), Texts.count(documents.get(), "document"));
            output.next("decompose");
        } else {
            output.text("%s is there; nothing was done.", corpus.topics().seenChangelog());
        }
        return ExitCodes.OK;
    }
}
