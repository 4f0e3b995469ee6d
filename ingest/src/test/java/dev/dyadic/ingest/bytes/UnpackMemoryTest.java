package dev.dyadic.ingest.bytes;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class UnpackMemoryTest {
    @Test
    void aWindowHasHalfOfWhatIsBesideTheHeap() {
        assertThat(UnpackMemory.windowLog(64L << 30)).isEqualTo(29);
        assertThat(UnpackMemory.windowLog(1L << 30)).isEqualTo(29);
        assertThat(UnpackMemory.windowLog((1L << 30) - 1)).isEqualTo(28);
        assertThat(UnpackMemory.windowLog(400L << 20)).isEqualTo(27);
        // A heap that is as large as the machine leaves the least.
        assertThat(UnpackMemory.windowLog(-1)).isEqualTo(23);
    }

    @Test
    void xzHasHalfOfTheHeap() {
        assertThat(UnpackMemory.heapBytes(8L << 30)).isEqualTo(520L << 20);
        // Enough for xz -9, which asks for 65 MiB.
        assertThat(UnpackMemory.heapBytes(128L << 20)).isEqualTo(72L << 20);
    }
}
