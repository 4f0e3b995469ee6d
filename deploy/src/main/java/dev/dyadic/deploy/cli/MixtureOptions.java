package dev.dyadic.deploy.cli;

import dev.dyadic.v1.Mixture;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import picocli.CommandLine.Option;

/// How a run's tokens are shared out over sources and lengths.
final class MixtureOptions {
    private static final String OTHERS = "others";

    @Option(
            names = "--source-weights",
            split = ",",
            paramLabel = "SOURCE=WEIGHT",
            description = "Parts of the tokens, for example wiki=3,code=1,others=0; 'others' is each source that is not"
                    + " named, 0 if left out. Default: in proportion to what is there.")
    private Map<String, Long> sourceWeights = new TreeMap<>();

    @Option(
            names = "--length-weights",
            split = ",",
            paramLabel = "WEIGHT",
            description =
                    "Parts of the tokens for each length, shortest first. Default: in proportion to what is there.")
    private List<Long> lengthWeights = List.of();

    @Option(
            names = "--backlog-tokens",
            defaultValue = "0",
            paramLabel = "TOKENS",
            description = "Live: what a pool keeps pending after a cycle; beyond it the oldest rows are shed, and"
                    + " counted. 0: keep all.")
    private long backlogTokens;

    /// Empty where no option was given.
    Optional<Mixture> parse() {
        if (sourceWeights.isEmpty() && lengthWeights.isEmpty() && backlogTokens == 0) {
            return Optional.empty();
        }
        Map<String, Long> sources = new TreeMap<>(sourceWeights);
        Long others = sources.remove(OTHERS);
        return Optional.of(Mixture.newBuilder()
                .putAllSources(sources)
                .setOtherSources(others == null ? 0 : others)
                .addAllLengths(lengthWeights)
                .setBacklogTokens(backlogTokens)
                .build());
    }
}
