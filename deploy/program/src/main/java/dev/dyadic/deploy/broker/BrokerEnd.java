package dev.dyadic.deploy.broker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.apache.kafka.common.utils.Exit;

/// What happens where Kafka ends the process by itself, as it does where it cannot write to its directory: the user is
/// told in a line.
public final class BrokerEnd {
    private static final long FULL_BYTES = 4 << 20;

    private BrokerEnd() {}

    /// For the whole process.
    ///
    /// @param directory of the broker
    public static void tell(Path directory, Consumer<String> teller) {
        Exit.setHaltProcedure((status, _) -> {
            teller.accept(reason(directory));
            Runtime.getRuntime().halt(status);
        });
    }

    static String reason(Path directory) {
        try {
            long free = Files.getFileStore(directory).getUsableSpace();
            if (free < FULL_BYTES) {
                return "Kafka has ended: the disk of " + directory + " is full; make room, or name another --data";
            }
        } catch (IOException e) {
            return "Kafka has ended: " + directory + " cannot be read: " + e.getMessage() + "; name another --data";
        }
        return "Kafka has ended, with its data in " + directory + "; start again with -v to see why";
    }
}
