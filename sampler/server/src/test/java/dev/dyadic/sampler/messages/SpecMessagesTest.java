package dev.dyadic.sampler.messages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.proto.Buckets;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.Split;
import dev.dyadic.proto.SplitMix64;
import dev.dyadic.proto.Weighting;
import dev.dyadic.sampler.order.Curriculum;
import dev.dyadic.sampler.order.Extent;
import dev.dyadic.sampler.order.MixtureWeights;
import dev.dyadic.sampler.order.RunSpec;
import dev.dyadic.v1.SamplerProto;
import dev.dyadic.v1.SamplerProto.AmendRunRequest;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SpecMessagesTest {
    private static final Buckets CORPUS = new Buckets(3, 9);

    static LongStream seeds() {
        return LongStream.range(0, 50);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aSpecComesBackFromItsMessage(long seed) {
        SplitMix64 random = new SplitMix64(seed);
        Buckets buckets = new Buckets(3 + (int) random.nextBelow(3), 6 + (int) random.nextBelow(4));
        String preset = Curriculum.PRESETS.get((int) random.nextBelow(Curriculum.PRESETS.size()));
        RunSpec spec = new RunSpec(
                random.next(),
                buckets.maxLength() * (1 + random.nextBelow(9)),
                buckets,
                Curriculum.of(preset, buckets, List.of()),
                random.nextBelow(2) == 0 ? Weighting.ODDS : Weighting.ODDS_TIMES_STEPS,
                random.nextBelow(2) == 0
                        ? MixtureWeights.NATURAL
                        : new MixtureWeights(new TreeMap<>(Map.of("wiki", 3L)), 1, List.of(), 5),
                random.nextBelow(2) == 0 ? Split.TRAIN : Split.HOLDOUT,
                random.nextBelow(2) == 0 ? RunSpec.EARLIEST : "2026-01-31T12:00:00Z",
                random.nextBelow(2) == 0 ? new Extent.Bounded(3, 2) : new Extent.Live(100_000, 0, 7));

        assertThat(SpecMessages.parse(SpecMessages.format(spec), CORPUS)).isEqualTo(spec);
    }

    @Test
    void whatIsLeftOutHasADefault() {
        SamplerProto.RunSpec message = SamplerProto.RunSpec.newBuilder()
                .setTokensPerStep(512)
                .setBounded(SamplerProto.Bounded.getDefaultInstance())
                .build();

        RunSpec spec = SpecMessages.parse(message, CORPUS);

        assertThat(spec.buckets()).isEqualTo(CORPUS);
        assertThat(spec.curriculum().name()).isEqualTo("grow-p2");
        assertThat(spec.weighting()).isEqualTo(Weighting.ODDS_TIMES_STEPS);
        assertThat(spec.split()).isEqualTo(Split.TRAIN);
        assertThat(spec.start()).isEqualTo(RunSpec.EARLIEST);
        assertThat(spec.extent()).isEqualTo(new Extent.Bounded(1, 1));
    }

    @Test
    void whatIsWrongIsTold() {
        SamplerProto.RunSpec.Builder right = SamplerProto.RunSpec.newBuilder().setTokensPerStep(512);
        assertThatThrownBy(() -> SpecMessages.parse(right.build(), CORPUS))
                .isInstanceOf(InvalidException.class)
                .hasMessage("the spec must say bounded or live, but says neither");
        assertThatThrownBy(() -> SpecMessages.parse(
                        right.setBounded(SamplerProto.Bounded.getDefaultInstance())
                                .setStart("yesterday")
                                .build(),
                        CORPUS))
                .hasMessage("start must be earliest, latest, or an instant like 2026-01-31T12:00:00Z, but was"
                        + " 'yesterday'");
        assertThatThrownBy(() -> SpecMessages.change(
                        AmendRunRequest.newBuilder().addOdds("3").build()))
                .hasMessage("odds are given, but no curriculum: use curriculum odds");
    }
}
