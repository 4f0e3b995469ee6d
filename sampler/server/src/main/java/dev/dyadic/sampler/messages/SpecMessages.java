package dev.dyadic.sampler.messages;

import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.Layout;
import dev.dyadic.proto.Split;
import dev.dyadic.proto.TokenizerIdentity;
import dev.dyadic.proto.Weighting;
import dev.dyadic.sampler.order.Curriculum;
import dev.dyadic.sampler.order.Extent;
import dev.dyadic.sampler.order.Mixture;
import dev.dyadic.sampler.order.Policy;
import dev.dyadic.sampler.order.RunSpec;
import dev.dyadic.v1.Bounded;
import dev.dyadic.v1.Live;
import dev.dyadic.v1.TokenFormat;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// Between the run spec on the wire and the one inside. Defaults are filled in here.
public final class SpecMessages {
    private static final String DEFAULT_CURRICULUM = "grow-p2";

    private SpecMessages() {}

    public static RunSpec parse(dev.dyadic.v1.RunSpec message, Buckets corpus) {
        long min = message.getMinLength() == 0 ? corpus.minLength() : Integer.toUnsignedLong(message.getMinLength());
        long max = message.getMaxLength() == 0 ? corpus.maxLength() : Integer.toUnsignedLong(message.getMaxLength());
        Buckets buckets = Buckets.ofLengths(min, max);
        if (!corpus.contains(buckets)) {
            throw new InvalidException("lengths must be within the corpus's " + corpus + ", but were " + buckets);
        }
        String curriculum = message.getCurriculum().isEmpty() ? DEFAULT_CURRICULUM : message.getCurriculum();
        Weighting weighting = switch (message.getWeighting()) {
            case WEIGHTING_UNSPECIFIED, WEIGHTING_ODDS_TIMES_STEPS -> Weighting.ODDS_TIMES_STEPS;
            case WEIGHTING_ODDS -> Weighting.ODDS;
            case UNRECOGNIZED -> throw new InvalidException("weighting is unknown");
        };
        Split split = switch (message.getSplit()) {
            case SPLIT_UNSPECIFIED, SPLIT_TRAIN -> Split.TRAIN;
            case SPLIT_HOLDOUT -> Split.HOLDOUT;
            case UNRECOGNIZED -> throw new InvalidException("split is unknown");
        };
        Mixture mixture = message.hasMixture() ? mixture(message.getMixture()) : Mixture.NATURAL;
        RunSpec spec = new RunSpec(
                message.getSeed(),
                message.getTokensPerStep(),
                buckets,
                Curriculum.of(curriculum, buckets, message.getOddsList()),
                weighting,
                mixture,
                split,
                start(message.getStart()),
                extent(message));
        if (spec.extent() instanceof Extent.Bounded && spec.start().equals(RunSpec.LATEST)) {
            throw new InvalidException(
                    "a bounded run that starts at latest has no rows: use earliest, a time, or a live run");
        }
        return spec;
    }

    public static Mixture mixture(dev.dyadic.v1.Mixture message) {
        NavigableMap<String, Long> sources = new TreeMap<>(message.getSourcesMap());
        return new Mixture(
                sources,
                sources.isEmpty() ? 1 : message.getOtherSources(),
                message.getLengthsList(),
                message.getBacklogTokens());
    }

    /// What is changed of a policy; the rest stays as it is.
    public static Policy change(
            Policy policy,
            Buckets buckets,
            String curriculum,
            List<String> odds,
            dev.dyadic.v1.Weighting weighting,
            Optional<dev.dyadic.v1.Mixture> mixture) {
        if (curriculum.isEmpty() && !odds.isEmpty()) {
            throw new InvalidException("odds are given, but no curriculum: use curriculum odds");
        }
        return new Policy(
                curriculum.isEmpty() ? policy.curriculum() : Curriculum.of(curriculum, buckets, odds),
                switch (weighting) {
                    case WEIGHTING_UNSPECIFIED -> policy.weighting();
                    case WEIGHTING_ODDS_TIMES_STEPS -> Weighting.ODDS_TIMES_STEPS;
                    case WEIGHTING_ODDS -> Weighting.ODDS;
                    case UNRECOGNIZED -> throw new InvalidException("weighting is unknown");
                },
                mixture.map(SpecMessages::mixture).orElse(policy.mixture()));
    }

    public static dev.dyadic.v1.RunSpec format(RunSpec spec) {
        dev.dyadic.v1.RunSpec.Builder builder = dev.dyadic.v1.RunSpec.newBuilder()
                .setSeed(spec.seed())
                .setTokensPerStep(spec.tokensPerStep())
                .setMinLength(spec.buckets().minLength())
                .setMaxLength(spec.buckets().maxLength())
                .setCurriculum(spec.curriculum().name())
                .setWeighting(
                        switch (spec.weighting()) {
                            case ODDS_TIMES_STEPS -> dev.dyadic.v1.Weighting.WEIGHTING_ODDS_TIMES_STEPS;
                            case ODDS -> dev.dyadic.v1.Weighting.WEIGHTING_ODDS;
                        })
                .setSplit(format(spec.split()))
                .setStart(spec.start());
        if (spec.curriculum().name().equals(Curriculum.CUSTOM)) {
            builder.addAllOdds(spec.curriculum().oddsTexts());
        }
        Mixture mixture = spec.mixture();
        if (!mixture.equals(Mixture.NATURAL)) {
            builder.setMixture(dev.dyadic.v1.Mixture.newBuilder()
                    .putAllSources(mixture.sources())
                    .setOtherSources(mixture.otherSources())
                    .addAllLengths(mixture.buckets())
                    .setBacklogTokens(mixture.backlogTokens()));
        }
        switch (spec.extent()) {
            case Extent.Bounded(int cycles, int passes) ->
                builder.setBounded(Bounded.newBuilder().setCycles(cycles).setPasses(passes));
            case Extent.Live(long cycleTokens, long minCycleTokens, long maxWaitMillis) ->
                builder.setLive(Live.newBuilder()
                        .setCycleTokens(cycleTokens)
                        .setMinCycleTokens(minCycleTokens)
                        .setMaxWaitMillis(maxWaitMillis));
        }
        return builder.build();
    }

    public static dev.dyadic.v1.Split format(Split split) {
        return switch (split) {
            case TRAIN -> dev.dyadic.v1.Split.SPLIT_TRAIN;
            case HOLDOUT -> dev.dyadic.v1.Split.SPLIT_HOLDOUT;
        };
    }

    public static TokenFormat format(TokenizerIdentity tokenizer, Layout layout) {
        return TokenFormat.newBuilder()
                .setTokenizer(tokenizer.name())
                .setVocabularySize(tokenizer.vocabularySize())
                .setEndOfText(tokenizer.endOfText())
                .setTokenWidth(tokenizer.tokenWidth())
                .setLayout(layout.text())
                .build();
    }

    private static String start(String text) {
        if (text.isEmpty() || text.equals(RunSpec.EARLIEST)) {
            return RunSpec.EARLIEST;
        }
        if (text.equals(RunSpec.LATEST)) {
            return RunSpec.LATEST;
        }
        try {
            return Instant.parse(text).toString();
        } catch (DateTimeParseException e) {
            throw new InvalidException(
                    "start must be earliest, latest, or an instant like 2026-01-31T12:00:00Z, but was '" + text + "'",
                    e);
        }
    }

    private static Extent extent(dev.dyadic.v1.RunSpec message) {
        return switch (message.getExtentCase()) {
            case BOUNDED ->
                new Extent.Bounded(
                        Math.max(1, message.getBounded().getCycles()),
                        Math.max(1, message.getBounded().getPasses()));
            case LIVE ->
                new Extent.Live(
                        message.getLive().getCycleTokens(),
                        message.getLive().getMinCycleTokens(),
                        message.getLive().getMaxWaitMillis());
            case EXTENT_NOT_SET -> throw new InvalidException("the spec must say bounded or live, but says neither");
        };
    }
}
