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
        for (int replicas : new int[] {1, 2, 3, 5}) {
            assertThat(LEDGER.problems(1, replicas, withDefaults(LEDGER.creationSettings(replicas))))
                    .isEmpty();
        }
    }

    @Test
    void whatIsAcknowledgedStaysWhereOneOfThreeReplicasIsLost() {
        Map<String, String> settings = withDefaults(LEDGER.creationSettings(1));
        settings.put("unclean.leader.election.enable", "true");

        assertThat(LEDGER.creationSettings(1)).doesNotContainKey("min.insync.replicas");
        assertThat(LEDGER.creationSettings(3)).containsEntry("min.insync.replicas", "2");
        assertThat(LEDGER.problems(1, 3, settings))
                .containsExactly(
                        "topic d.main.ledger: expected unclean.leader.election.enable=false, but it is 'true'; fix:"
                                + " kafka-configs.sh --alter --entity-type topics --entity-name d.main.ledger"
                                + " --add-config unclean.leader.election.enable=false",
                        "topic d.main.ledger: expected min.insync.replicas=2, but it is '1'; fix: kafka-configs.sh"
                                + " --alter --entity-type topics --entity-name d.main.ledger --add-config"
                                + " min.insync.replicas=2");
    }

    /// As a broker tells them.
    private static Map<String, String> withDefaults(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(Map.of("min.insync.replicas", "1"));
        all.putAll(settings);
        return all;
    }

    @Test
    void namesWhatIsWrongAndTheFix() {
        Map<String, String> settings = withDefaults(LEDGER.creationSettings(1));
        settings.put("retention.ms", "1000");
        settings.put("max.message.bytes", "99");

        assertThat(LEDGER.problems(2, 1, settings))
                .containsExactly(
                        "topic d.main.ledger: expected 1 partitions, but it has 2; partition counts never change: use"
                                + " another --prefix or --corpus, or --partitions 2",
                        "topic d.main.ledger: expected retention.ms=-1, but it is '1000'; fix: kafka-configs.sh --alter"
                                + " --entity-type topics --entity-name d.main.ledger --add-config retention.ms=-1",
                        "topic d.main.ledger: expected max.message.bytes=100, but it is '99'; fix: kafka-configs.sh --alter"
                                + " --entity-type topics --entity-name d.main.ledger --add-config max.message.bytes=100");
    }
}
