package dev.dyadic.sampler.messages;

import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.Layout;
import dev.dyadic.proto.Split;
import dev.dyadic.proto.TokenizerIdentity;
import dev.dyadic.proto.Weighting;
import dev.dyadic.sampler.order.Curriculum;
import dev.dyadic.sampler.order.Extent;
import dev.dyadic.sampler.order.MixtureWeights;
import dev.dyadic.sampler.order.PolicyChange;
import dev.dyadic.sampler.order.RunSpec;
import dev.dyadic.v1.SamplerProto;
import dev.dyadic.v1.SamplerProto.AmendRunRequest;
import dev.dyadic.v1.SamplerProto.Bounded;
import dev.dyadic.v1.SamplerProto.ForkRunRequest;
import dev.dyadic.v1.SamplerProto.Live;
import dev.dyadic.v1.SamplerProto.TokenFormat;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/// Between the run spec on the wire and the one inside. Defaults are filled in here.
public final class SpecMessages {
    private static final String DEFAULT_CURRICULUM = "grow-p2";

    private SpecMessages() {}

    public static RunSpec parse(SamplerProto.RunSpec message, Buckets corpus) {
        long min = message.getMinLength() == 0 ? corpus.minLength() : Integer.toUnsignedLong(message.getMinLength());
        long max = message.getMaxLength() == 0 ? corpus.maxLength() : Integer.toUnsignedLong(message.getMaxLength());
        Buckets buckets = Buckets.ofLengths(min, max);
        if (!corpus.contains(buckets)) {
            throw new InvalidException("lengths must be within the corpus's " + corpus + ", but were " + buckets);
        }
        String curriculum = message.getCurriculum().isEmpty() ? DEFAULT_CURRICULUM : message.getCurriculum();
        Weighting weighting = weighting(message.getWeighting()).orElse(Weighting.ODDS_TIMES_STEPS);
        Split split = switch (message.getSplit()) {
            case SPLIT_UNSPECIFIED, SPLIT_TRAIN -> Split.TRAIN;
            case SPLIT_HOLDOUT -> Split.HOLDOUT;
            case UNRECOGNIZED -> throw new InvalidException("split is unknown");
        };
        MixtureWeights mixture = message.hasMixture() ? mixture(message.getMixture()) : MixtureWeights.NATURAL;
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

    public static MixtureWeights mixture(SamplerProto.Mixture message) {
        NavigableMap<String, Long> sources = new TreeMap<>(message.getSourcesMap());
        return new MixtureWeights(
                sources,
                sources.isEmpty() ? 1 : message.getOtherSources(),
                message.getLengthsList(),
                message.getBacklogTokens());
    }

    public static PolicyChange change(AmendRunRequest request) {
        return new PolicyChange(
                request.getCurriculum(),
                request.getOddsList(),
                weighting(request.getWeighting()),
                request.hasMixture() ? Optional.of(mixture(request.getMixture())) : Optional.empty());
    }

    public static PolicyChange change(ForkRunRequest request) {
        return new PolicyChange(
                request.getCurriculum(),
                request.getOddsList(),
                weighting(request.getWeighting()),
                request.hasMixture() ? Optional.of(mixture(request.getMixture())) : Optional.empty());
    }

    private static Optional<Weighting> weighting(SamplerProto.Weighting weighting) {
        return switch (weighting) {
            case WEIGHTING_UNSPECIFIED -> Optional.empty();
            case WEIGHTING_ODDS_TIMES_STEPS -> Optional.of(Weighting.ODDS_TIMES_STEPS);
            case WEIGHTING_ODDS -> Optional.of(Weighting.ODDS);
            case UNRECOGNIZED -> throw new InvalidException("weighting is unknown");
        };
    }

    public static SamplerProto.RunSpec format(RunSpec spec) {
        SamplerProto.RunSpec.Builder builder = SamplerProto.RunSpec.newBuilder()
                .setSeed(spec.seed())
                .setTokensPerStep(spec.tokensPerStep())
                .setMinLength(spec.buckets().minLength())
                .setMaxLength(spec.buckets().maxLength())
                .setCurriculum(spec.curriculum().name())
                .setWeighting(
                        switch (spec.weighting()) {
                            case ODDS_TIMES_STEPS -> SamplerProto.Weighting.WEIGHTING_ODDS_TIMES_STEPS;
                            case ODDS -> SamplerProto.Weighting.WEIGHTING_ODDS;
                        })
                .setSplit(format(spec.split()))
                .setStart(spec.start());
        if (spec.curriculum().name().equals(Curriculum.CUSTOM)) {
            builder.addAllOdds(spec.curriculum().oddsTexts());
        }
        MixtureWeights mixture = spec.mixture();
        if (!mixture.equals(MixtureWeights.NATURAL)) {
            builder.setMixture(SamplerProto.Mixture.newBuilder()
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

    public static SamplerProto.Split format(Split split) {
        return switch (split) {
            case TRAIN -> SamplerProto.Split.SPLIT_TRAIN;
            case HOLDOUT -> SamplerProto.Split.SPLIT_HOLDOUT;
        };
    }

    public static TokenFormat format(TokenizerIdentity tokenizer, Layout layout) {
        TokenFormat.Builder format = TokenFormat.newBuilder()
                .setTokenizer(tokenizer.name())
                .setVocabularySize(tokenizer.vocabularySize())
                .setEndOfText(tokenizer.endOfText())
                .setTokenWidth(tokenizer.tokenWidth())
                .setLayout(layout.text());
        tokenizer.beginOfText().ifPresent(format::setBeginOfText);
        tokenizer.file().ifPresent(format::setTokenizerFile);
        return format.build();
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

    private static Extent extent(SamplerProto.RunSpec message) {
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
