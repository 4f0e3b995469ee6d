package dev.dyadic.deploy.commands.process;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.proto.InvalidException;
import org.junit.jupiter.api.Test;

class LeastHeapTest {
    @Test
    void aHeapThatIsTooSmallIsNamedWithWhatIsEnough() {
        assertThatThrownBy(() -> LeastHeap.INGEST.require(96L << 20))
                .isInstanceOf(InvalidException.class)
                .hasMessage("this command needs a heap of at least 128 MiB, but has 96: give it more with"
                        + " DYADIC_JAVA_OPTS=-Xmx128m, or where it runs in a container, give that more memory");
        // -Xmx128m is a little less where the collector keeps a survivor space.
        LeastHeap.INGEST.require(124L << 20);
    }
}
