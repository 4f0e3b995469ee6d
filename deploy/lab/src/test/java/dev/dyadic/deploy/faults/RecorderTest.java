package dev.dyadic.deploy.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.dyadic.v1.SamplerProto.Batch;
import org.junit.jupiter.api.Test;

/// The checker of the faults has to see other bytes, and other digests.
class RecorderTest {
    private static final Batch BATCH = Batch.newBuilder()
            .setDigest(7)
            .setTokens(ByteString.copyFromUtf8("tokens"))
            .build();

    private final Recorder recorder = new Recorder();

    @Test
    void theSameBytesAreFine() {
        recorder.record("a", "run", 0, BATCH);
        recorder.record("b", "run", 0, BATCH);
        recorder.record("a", "run", 1, BATCH.toBuilder().setDigest(8).build());

        assertThat(recorder.broken()).isEmpty();
        assertThat(recorder.next("run")).isEqualTo(2);
        assertThat(recorder.next("other")).isZero();
    }

    @Test
    void otherBytesAreFound() {
        recorder.record("a", "run", 0, BATCH);
        recorder.record(
                "b",
                "run",
                0,
                BATCH.toBuilder().setTokens(ByteString.copyFromUtf8("token!")).build());

        assertThat(recorder.broken()).singleElement().asString().startsWith("step 0 of run has other bytes at b");
    }

    @Test
    void anotherDigestIsFound() {
        recorder.record("a", "run", 0, BATCH);
        recorder.record("b", "run", 0, BATCH.toBuilder().setDigest(8).build());

        assertThat(recorder.broken()).hasSize(1);
    }
}
