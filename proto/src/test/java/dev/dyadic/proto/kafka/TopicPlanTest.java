package dev.dyadic.proto.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TopicPlanTest {
    private static final TopicPlan LEDGER = new TopicPlan(
            "d.main.ledger",
            1,
            Map.of("retention.ms", "-1", "cleanup.policy", "delete"),
            Map.of("max.message.bytes", 100L));

    @Test
    void acceptsWhatItCreates() {
        assertThat(LEDGER.problems(1, LEDGER.creationSettings())).isEmpty();
    }

    @Test
    void namesWhatIsWrongAndTheFix() {
        Map<String, String> settings = new HashMap<>(LEDGER.creationSettings());
        settings.put("retention.ms", "1000");
        settings.put("max.message.bytes", "99");

        assertThat(LEDGER.problems(2, settings))
                .containsExactly(
                        "topic d.main.ledger: expected 1 partitions, but it has 2; partition counts never change: use"
                                + " another --prefix or --corpus, or --partitions 2",
                        "topic d.main.ledger: expected retention.ms=-1, but it is '1000'; fix: kafka-configs.sh --alter"
                                + " --entity-type topics --entity-name d.main.ledger --add-config retention.ms=-1",
                        "topic d.main.ledger: expected max.message.bytes=100, but it is '99'; fix: kafka-configs.sh --alter"
                                + " --entity-type topics --entity-name d.main.ledger --add-config max.message.bytes=100");
    }
}
