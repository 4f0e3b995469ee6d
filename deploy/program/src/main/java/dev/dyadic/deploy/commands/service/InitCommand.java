package dev.dyadic.deploy.commands.service;

import dev.dyadic.deploy.commands.options.ClusterOptions;
import dev.dyadic.deploy.commands.options.CorpusOptions;
import dev.dyadic.deploy.commands.options.OutputOptions;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.deploy.local.CorpusChoice;
import dev.dyadic.proto.TokenizerIdentity;
import dev.dyadic.proto.Topics;
import dev.dyadic.proto.kafka.Cluster;
import dev.dyadic.proto.kafka.Corpus;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "init",
        mixinStandardHelpOptions = true,
        description =
                "Makes a corpus: its topics and its identity. On an existing corpus, checks that it has what is given.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  dyadic init",
            "  dyadic init --tokenizer Llama-3.1-8B/tokenizer.json --end-of-text '<|end_of_text|>'",
            "  dyadic init --corpus code --tokenizer cl100k_base --min-length 256 --partitions 16 --replication 3",
        })
public final class InitCommand implements Callable<Integer> {
    @Mixin
    private OutputOptions outputOptions = new OutputOptions();

    @Mixin
    private ClusterOptions clusterOptions = new ClusterOptions();

    @Mixin
    private CorpusOptions corpusOptions = new CorpusOptions();

    @Option(names = "--replication", description = "Replicas of new topics; default: the cluster's.")
    private @Nullable Short replication;

    @Override
    public Integer call() {
        Output output = outputOptions.open();
        Cluster cluster = clusterOptions.cluster();
        Topics topics = clusterOptions.topics();
        // What is wrong in itself is told before Kafka is asked.
        corpusOptions.require();
        CorpusChoice chosen = corpusOptions.choose(topics.corpus(), Corpus.settings(cluster, topics));
        Corpus corpus = Corpus.init(
                cluster,
                topics,
                chosen.settings(),
                chosen.tokenizerFile(),
                Optional.ofNullable(replication),
                InstantSource.system());
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("corpus", corpus.topics().corpus());
        TokenizerIdentity tokenizer = corpus.settings().tokenizer();
        facts.put("tokenizer", tokenizer.name());
        facts.put("endOfText", tokenizer.endOfText());
        facts.put(
                "beginOfText",
                tokenizer.beginOfText().isPresent() ? tokenizer.beginOfText().getAsInt() : null);
        facts.put("lengths", corpus.settings().buckets().toString());
        facts.put("partitions", corpus.settings().partitions());
        facts.put("topics", corpus.topicIds().keySet().stream().sorted().toList());
        output.json(facts);
        output.text(
                "Corpus %s is ready: tokenizer %s (%send of text %d), lengths %s, %d partitions, %d topics.",
                corpus.topics().corpus(),
                tokenizer.name(),
                tokenizer.beginOfText().isPresent()
                        ? "begin of text " + tokenizer.beginOfText().getAsInt() + ", "
                        : "",
                tokenizer.endOfText(),
                corpus.settings().buckets(),
                corpus.settings().partitions(),
                corpus.topicIds().size());
        output.next("decompose, then sample, each in a terminal of its own; then ingest FILE");
        return ExitCodes.OK;
    }
}
