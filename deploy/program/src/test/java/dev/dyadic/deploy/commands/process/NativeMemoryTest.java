package dev.dyadic.deploy.commands.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NativeMemoryTest {
    private static final long MEBIBYTE = 1 << 20;

    @Test
    void buffersHaveAThirdOfWhatIsBesideTheHeapAndNoMoreThanTheHeap() {
        assertThat(NativeMemory.bufferBytes(512 * MEBIBYTE, 256 * MEBIBYTE) / MEBIBYTE)
                .isEqualTo(85);
        assertThat(NativeMemory.bufferBytes(65_536 * MEBIBYTE, 256 * MEBIBYTE) / MEBIBYTE)
                .isEqualTo(256);
        assertThat(NativeMemory.bufferBytes(256 * MEBIBYTE, 250 * MEBIBYTE) / MEBIBYTE)
                .isEqualTo(32);
    }
}
