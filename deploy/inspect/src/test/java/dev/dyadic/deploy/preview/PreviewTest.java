package dev.dyadic.deploy.preview;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dyadic.proto.Bucket;
import dev.dyadic.proto.Weighting;
import dev.dyadic.sampler.order.Curriculum;
import dev.dyadic.sampler.order.MixtureWeights;
import dev.dyadic.sampler.order.Policy;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The planner itself, over tables.
class PreviewTest {
    private static final long TOKENS_PER_STEP = 1 << 19;

    static Stream<String> paper() {
        return Stream.of("natural", "equal", "1k-only", "at-most-2k", "at-least-256");
    }

    @ParameterizedTest
    @MethodSource("paper")
    void reproducesTheAveragesOfTheTableOfThePaper(String name) throws IOException {
        JsonNode expected = tables().path("mixtures").path(name);

        Preview preview = preview(BucketTable.named(name), "grow-p2", 8);

        double context = expected.path("avg_context").asDouble();
        assertThat(preview.tableAverages().contextLength()).isCloseTo(context, within(context * 0.005));
        assertThat(preview.averages().contextLength()).isCloseTo(context, within(context * 0.01));
        if (expected.has("avg_sequence")) {
            double sequence = expected.path("avg_sequence").asDouble();
            assertThat(preview.tableAverages().sequenceLength()).isCloseTo(sequence, within(sequence * 0.005));
            assertThat(preview.averages().sequenceLength()).isCloseTo(sequence, within(sequence * 0.01));
        }
    }

    @Test
    void hasTheDecompositionsThatTheAuthorsPublished() throws IOException {
        JsonNode published = tables().path("real_decompositions");

        for (Map.Entry<String, String> name :
                Map.of("wikipedia", "wikipedia", "dclm", "dclm_baseline_subset").entrySet()) {
            JsonNode table = published.path(name.getValue());
            for (int i = 0; i < table.path("log2").size(); i++) {
                assertThat(BucketTable.named(name.getKey()).sequences())
                        .containsEntry(
                                Bucket.of(table.path("log2").path(i).asInt()),
                                table.path("sequences").path(i).asLong());
            }
        }
    }

    @Test
    void dealsEveryStepOfTheTable() {
        Preview preview = preview(BucketTable.named("wikipedia"), "uniform", 4);

        long whole = BucketTable.named("wikipedia").sequences().entrySet().stream()
                .mapToLong(bucket -> bucket.getValue() / bucket.getKey().rows(TOKENS_PER_STEP))
                .sum();
        assertThat(preview.steps()).isEqualTo(whole);
        assertThat(preview.cycles()).hasSize(4);
        assertThat(preview.bins())
                .allSatisfy(bin -> assertThat(bin.shares().values().stream()
                                .mapToDouble(Double::doubleValue)
                                .sum())
                        .isCloseTo(1, within(1e-9)));
    }

    @Test
    void aGrowingCurriculumGrowsInEveryCycleAndAShrinkingOneShrinks() {
        Preview growing = preview(BucketTable.named("equal"), "grow-p100", 1);
        Preview shrinking = preview(BucketTable.named("equal"), "shrink-p100", 1);

        assertThat(growing.bins().getFirst().contextLength())
                .isLessThan(growing.bins().getLast().contextLength());
        assertThat(shrinking.bins().getFirst().contextLength())
                .isGreaterThan(shrinking.bins().getLast().contextLength());
        assertThat(growing.averages()).isEqualTo(shrinking.averages());
        assertThat(growing.attentionCost()).isCloseTo(1020 / 4095.5, within(0.005));
    }

    @Test
    void pictures() throws Exception {
        Preview preview = preview(BucketTable.named("natural"), "grow-p2", 8);

        String text = PreviewText.of(preview);
        String svg = PreviewSvg.of(preview, "natural & <grow-p2>");

        assertThat(text.lines()).hasSize(9).first().asString().startsWith("   8,192 ");
        assertThat(text.lines().limit(8)).allSatisfy(line -> assertThat(line).hasSize(9 + 72));
        var document = DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
        assertThat(document.getDocumentElement().getTagName()).isEqualTo("svg");
        assertThat(document.getElementsByTagName("rect").getLength()).isGreaterThan(100);
    }

    @Test
    void refusesTablesThatAreNone() {
        assertThatThrownBy(() -> BucketTable.named("english"))
                .hasMessage("table must be one of natural, equal, 1k-only, at-most-2k, at-least-256, wikipedia, dclm,"
                        + " but was english");
        assertThatThrownBy(() -> BucketTable.of("mine", Map.of(64L, 0L))).hasMessage("the table mine has no sequences");
        assertThatThrownBy(() -> preview(BucketTable.of("mine", Map.of(64L, 10L)), "uniform", 1))
                .hasMessageContaining("has not a whole step of 524288 tokens");
    }

    private static Preview preview(BucketTable table, String curriculum, int cycles) {
        Policy policy = new Policy(
                Curriculum.of(curriculum, table.buckets(), List.of()),
                Weighting.ODDS_TIMES_STEPS,
                MixtureWeights.NATURAL);
        return Preview.of(table, policy, TOKENS_PER_STEP, cycles, 0, 72);
    }

    private static JsonNode tables() throws IOException {
        try (InputStream stream = PreviewTest.class.getResourceAsStream("/paper-tables.json")) {
            return new ObjectMapper().readTree(stream);
        }
    }

    @Test
    void aTableOfOnesOwnHasEveryLengthInBetween() {
        BucketTable table = BucketTable.of("mine", Map.of(64L, 1_000L, 256L, 500L));

        assertThat(table.sequences())
                .containsExactly(
                        Map.entry(Bucket.of(6), 1_000L), Map.entry(Bucket.of(7), 0L), Map.entry(Bucket.of(8), 500L));
    }
}
