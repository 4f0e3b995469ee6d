package dev.dyadic.deploy.commands.options;

import dev.dyadic.proto.InvalidException;
import dev.dyadic.v1.SamplerProto.Mixture;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How a run's tokens are shared out over sources and lengths.
public final class MixtureOptions {
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
            paramLabel = "TOKENS",
            description = "Live: what a pool keeps pending after a cycle; beyond it the oldest rows are shed, and"
                    + " counted. 0: keep all.")
    private @Nullable Long backlogTokens;

    /// Empty where no option was given.
    ///
    /// @param before what is kept where an option was not given
    public Optional<Mixture> parse(Mixture before) {
        if (sourceWeights.isEmpty() && lengthWeights.isEmpty() && backlogTokens == null) {
            return Optional.empty();
        }
        Mixture.Builder mixture = before.toBuilder();
        if (!sourceWeights.isEmpty()) {
            Map<String, Long> sources = new TreeMap<>(sourceWeights);
            Long others = sources.remove(OTHERS);
            if (sources.isEmpty()) {
                throw new InvalidException(
                        "--source-weights must name a source beside 'others', for example wiki=3,others=1");
            }
            mixture.clearSources().putAllSources(sources).setOtherSources(others == null ? 0 : others);
        }
        if (!lengthWeights.isEmpty()) {
            mixture.clearLengths().addAllLengths(lengthWeights);
        }
        if (backlogTokens != null) {
            mixture.setBacklogTokens(backlogTokens);
        }
        return Optional.of(mixture.build());
    }
}
