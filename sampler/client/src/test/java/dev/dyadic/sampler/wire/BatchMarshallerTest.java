package dev.dyadic.sampler.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.UnknownFieldSet;
import dev.dyadic.v1.SamplerProto.Batch;
import io.grpc.Drainable;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The bytes are those of protobuf, in both directions.
class BatchMarshallerTest {
    private final BatchMarshaller marshaller = new BatchMarshaller();

    static LongStream seeds() {
        return LongStream.range(0, 100);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void writesAndReadsWhatTheGeneratedCodeDoes(long seed) throws IOException {
        Batch batch = batch(seed);

        ByteArrayOutputStream drained = new ByteArrayOutputStream();
        InputStream stream = marshaller.stream(batch);
        int size = stream.available();
        assertThat(((Drainable) stream).drainTo(drained)).isEqualTo(size);
        assertThat(stream.available()).isZero();
        byte[] read = marshaller.stream(batch).readAllBytes();

        assertThat(Batch.parseFrom(drained.toByteArray())).isEqualTo(batch);
        assertThat(read).isEqualTo(drained.toByteArray()).hasSize(size);
        assertThat(marshaller.parse(new ByteArrayInputStream(batch.toByteArray())))
                .isEqualTo(batch);
        assertThat(marshaller.parse(marshaller.stream(batch))).isEqualTo(batch);
    }

    @Test
    void readsFieldsThatItDoesNotKnowAndTokensThatAreNotLast() throws IOException {
        Batch batch = batch(3).toBuilder()
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(
                                99,
                                UnknownFieldSet.Field.newBuilder().addVarint(5).build())
                        .build())
                .build();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.writeBytes(Batch.TOKENS_FIELD_NUMBER, batch.getTokens());
        batch.toBuilder().clearTokens().build().writeTo(out);
        out.flush();

        assertThat(marshaller.parse(new ByteArrayInputStream(bytes.toByteArray())))
                .isEqualTo(batch);
        assertThat(marshaller.parse(marshaller.stream(batch))).isEqualTo(batch);
    }

    @Test
    void refusesABatchThatEndsWithinItsTokens() {
        byte[] bytes = batch(5).toBuilder()
                .setTokens(ByteString.copyFrom(new byte[1000]))
                .build()
                .toByteArray();
        byte[] cut = Arrays.copyOf(bytes, bytes.length - 10);

        assertThatThrownBy(() -> marshaller.parse(new ByteArrayInputStream(cut)))
                .hasMessageContaining("cannot read a batch: a batch ends within its tokens");
    }

    private static Batch batch(long seed) {
        Random random = new Random(seed);
        byte[] tokens = new byte[seed == 0 ? 0 : random.nextInt(100_000)];
        random.nextBytes(tokens);
        return Batch.newBuilder()
                .setRunId(random.nextInt(1000))
                .setStep(random.nextLong(1L << 40))
                .setLength(64)
                .setRows(random.nextInt(100))
                .setDigest(random.nextLong())
                .setManifestDigest(ByteString.copyFrom(new byte[32]))
                .setTokens(ByteString.copyFrom(tokens))
                .build();
    }
}
