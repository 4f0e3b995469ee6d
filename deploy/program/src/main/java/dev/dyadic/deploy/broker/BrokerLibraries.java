package dev.dyadic.deploy.broker;

/// Whether Kafka's broker is there: images do without it.
public final class BrokerLibraries {
    private BrokerLibraries() {}

    /// @throws BrokerException where it is not
    public static void require() {
        try {
            Class.forName("kafka.server.KafkaRaftServer", false, BrokerLibraries.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new BrokerException(
                    "this program has no Kafka broker, as in an image: run Kafka by itself and name it with --kafka, or use"
                            + " Dyadic's distribution",
                    e);
        }
    }
}
