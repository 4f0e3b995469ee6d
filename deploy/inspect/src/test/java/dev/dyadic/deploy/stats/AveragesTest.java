package dev.dyadic.deploy.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dyadic.proto.Bucket;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Table 1 of the paper; its averages are rounded, and its tokens are in units of 2^30.
class AveragesTest {
    @Test
    void reproduceTheTableOfThePaper() throws IOException {
        JsonNode mixtures = tables().path("mixtures");

        for (Map.Entry<String, JsonNode> entry : mixtures.properties()) {
            JsonNode tokens = entry.getValue().path("tokens");
            List<BucketStats> buckets = new ArrayList<>();
            for (int i = 0; i < tokens.size(); i++) {
                Bucket bucket = Bucket.of(mixtures.path("buckets_log2").path(i).asInt());
                long positions = tokens.path(i).asLong() << 30;
                buckets.add(new BucketStats(bucket.length(), bucket.rows(positions), positions, positions));
            }
            if (buckets.isEmpty()) {
                continue;
            }
            Averages averages = Averages.of(buckets);

            double context = entry.getValue().path("avg_context").asDouble();
            assertThat(averages.contextLength()).as(entry.getKey()).isCloseTo(context, within(context * 0.005));
            if (entry.getValue().has("avg_sequence")) {
                double sequence = entry.getValue().path("avg_sequence").asDouble();
                assertThat(averages.sequenceLength()).as(entry.getKey()).isCloseTo(sequence, within(sequence * 0.005));
            }
        }
    }

    @Test
    void anEmptyCorpusHasNone() {
        assertThat(Averages.of(List.of())).isEqualTo(new Averages(0, 0));
    }

    private static JsonNode tables() throws IOException {
        try (InputStream stream = AveragesTest.class.getResourceAsStream("/paper-tables.json")) {
            return new ObjectMapper().readTree(stream);
        }
    }
}
