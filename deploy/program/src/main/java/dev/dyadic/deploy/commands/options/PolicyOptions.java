package dev.dyadic.deploy.commands.options;

import dev.dyadic.proto.Weighting;
import dev.dyadic.v1.SamplerProto;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What an amendment or a fork can change. What is not given stays as it is.
public final class PolicyOptions {
    @Option(
            names = "--curriculum",
            defaultValue = "",
            completionCandidates = CurriculumNames.class,
            description = "uniform, grow-linear, grow-p2, grow-p100, shrink-p100, or odds.")
    private String curriculum = "";

    @Option(names = "--odds", split = ",", description = "For --curriculum odds: integers, shortest length first.")
    private List<String> odds = List.of();

    @Option(names = "--weighting", defaultValue = "", description = "odds-times-steps, or odds.")
    private String weighting = "";

    @Mixin
    private MixtureOptions mixtureOptions = new MixtureOptions();

    public String curriculum() {
        return curriculum;
    }

    public List<String> odds() {
        return odds;
    }

    public SamplerProto.Weighting weighting() {
        if (weighting.isEmpty()) {
            return SamplerProto.Weighting.WEIGHTING_UNSPECIFIED;
        }
        return switch (Weighting.of(weighting)) {
            case ODDS_TIMES_STEPS -> SamplerProto.Weighting.WEIGHTING_ODDS_TIMES_STEPS;
            case ODDS -> SamplerProto.Weighting.WEIGHTING_ODDS;
        };
    }

    public MixtureOptions mixture() {
        return mixtureOptions;
    }
}
