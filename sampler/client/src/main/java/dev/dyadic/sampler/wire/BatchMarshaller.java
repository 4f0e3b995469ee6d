package dev.dyadic.sampler.wire;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.WireFormat;
import dev.dyadic.v1.SamplerProto.Batch;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.nio.ByteBuffer;

/// Batches as protobuf has them, with one copy of the tokens on either side: from the gathered array into the
/// transport's buffers, and from those into one array. Tokens are the last field.
final class BatchMarshaller implements MethodDescriptor.Marshaller<Batch> {
    private static final int TOKENS_TAG = tag(Batch.TOKENS_FIELD_NUMBER);

    @Override
    public InputStream stream(Batch batch) {
        ByteString tokens = batch.getTokens();
        byte[] header = batch.toBuilder().clearTokens().build().toByteArray();
        return new BatchBytes(withTokensTag(header, tokens.size()), tokens);
    }

    @Override
    public Batch parse(InputStream stream) {
        try {
            byte[] bytes = stream instanceof KnownLength ? exactly(stream, stream.available()) : stream.readAllBytes();
            CodedInputStream in = CodedInputStream.newInstance(bytes);
            Batch.Builder batch = Batch.newBuilder();
            int end = 0;
            while (!in.isAtEnd()) {
                int start = in.getTotalBytesRead();
                if (in.readTag() == TOKENS_TAG) {
                    int size = in.readRawVarint32();
                    int at = in.getTotalBytesRead();
                    if (size < 0 || size > bytes.length - at) {
                        throw new InvalidProtocolBufferException("a batch ends within its tokens");
                    }
                    batch.mergeFrom(bytes, end, start - end);
                    batch.setTokens(UnsafeByteOperations.unsafeWrap(bytes, at, size));
                    end = at + size;
                    in.skipRawBytes(size);
                } else {
                    in.skipField(lastTag(in));
                }
            }
            return batch.mergeFrom(bytes, end, bytes.length - end).build();
        } catch (IOException e) {
            throw Status.INTERNAL
                    .withDescription("cannot read a batch: " + e.getMessage())
                    .withCause(e)
                    .asRuntimeException();
        }
    }

    private static int lastTag(CodedInputStream in) {
        return in.getLastTag();
    }

    private static byte[] exactly(InputStream stream, int size) throws IOException {
        byte[] bytes = new byte[size];
        int read = stream.readNBytes(bytes, 0, size);
        if (read != size) {
            throw new InvalidProtocolBufferException("expected a batch of " + size + " bytes, but " + read + " came");
        }
        return bytes;
    }

    private static byte[] withTokensTag(byte[] header, int tokens) {
        int size = CodedOutputStream.computeTagSize(Batch.TOKENS_FIELD_NUMBER)
                + CodedOutputStream.computeUInt32SizeNoTag(tokens);
        byte[] bytes = new byte[header.length + size];
        System.arraycopy(header, 0, bytes, 0, header.length);
        CodedOutputStream out = CodedOutputStream.newInstance(bytes, header.length, size);
        try {
            out.writeUInt32NoTag(TOKENS_TAG);
            out.writeUInt32NoTag(tokens);
        } catch (IOException e) {
            throw new IllegalStateException("an array has no room", e);
        }
        return bytes;
    }

    private static int tag(int field) {
        return field << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    }

    /// Hands arrays on as they are.
    private static final class Target extends ByteOutput {
        private final OutputStream stream;

        Target(OutputStream stream) {
            this.stream = stream;
        }

        @Override
        public void write(byte value) throws IOException {
            stream.write(value);
        }

        @Override
        public void write(byte[] value, int offset, int length) throws IOException {
            stream.write(value, offset, length);
        }

        @Override
        public void writeLazy(byte[] value, int offset, int length) throws IOException {
            stream.write(value, offset, length);
        }

        @Override
        public void write(ByteBuffer value) throws IOException {
            byte[] bytes = new byte[value.remaining()];
            value.get(bytes);
            stream.write(bytes);
        }

        @Override
        public void writeLazy(ByteBuffer value) throws IOException {
            write(value);
        }
    }

    /// Header and tokens, written by array; read as a stream where the transport does not drain.
    private static final class BatchBytes extends InputStream implements KnownLength, Drainable {
        private final byte[] header;
        private final ByteString tokens;
        private final InputStream bytes;
        private int left;

        BatchBytes(byte[] header, ByteString tokens) {
            this.header = header;
            this.tokens = tokens;
            this.bytes = new SequenceInputStream(new ByteArrayInputStream(header), tokens.newInput());
            this.left = header.length + tokens.size();
        }

        @Override
        public int drainTo(OutputStream target) throws IOException {
            int drained = left;
            if (drained == header.length + tokens.size()) {
                target.write(header);
                // ByteString.writeTo would copy them once more.
                UnsafeByteOperations.unsafeWriteTo(tokens, new Target(target));
            } else {
                bytes.transferTo(target);
            }
            left = 0;
            return drained;
        }

        @Override
        public int available() {
            return left;
        }

        @Override
        public int read() throws IOException {
            int read = bytes.read();
            left -= read < 0 ? 0 : 1;
            return read;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int read = bytes.read(target, offset, length);
            left -= Math.max(0, read);
            return read;
        }
    }
}
