package dev.dyadic.deploy.bench;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;

/// What gRPC itself can do: a stream of arrays, with nothing to look up, gather or check. The settings are the
/// sampler's.
final class RawServer implements AutoCloseable {
    private static final int WINDOW_BYTES = 16 << 20;
    private static final int MAX_MESSAGE_BYTES = 65 << 20;
    private static final MethodDescriptor<byte[], byte[]> STREAM = MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.SERVER_STREAMING)
            .setFullMethodName("dyadic.bench.Raw/Stream")
            .setRequestMarshaller(new Bytes())
            .setResponseMarshaller(new Bytes())
            .build();

    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final Server server;
    private final ManagedChannel channel;

    /// @param sizes of the messages of a stream
    RawServer(int[] sizes) {
        int largest = 0;
        for (int size : sizes) {
            largest = Math.max(largest, size);
        }
        byte[][] messages = new byte[sizes.length][];
        for (int i = 0; i < sizes.length; i++) {
            messages[i] = new byte[sizes[i]];
        }
        try {
            server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .executor(executor)
                    .flowControlWindow(WINDOW_BYTES)
                    .addService(ServerServiceDefinition.builder("dyadic.bench.Raw")
                            .addMethod(STREAM, ServerCalls.asyncServerStreamingCall((request, observer) -> {
                                ServerCallStreamObserver<byte[]> call = (ServerCallStreamObserver<byte[]>) observer;
                                Semaphore ready = new Semaphore(0);
                                call.setOnReadyHandler(ready::release);
                                call.setOnCancelHandler(ready::release);
                                long count = ByteBuffer.wrap(request).getLong();
                                executor.execute(() -> send(call, ready, messages, count));
                            }))
                            .build())
                    .build()
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start the raw server", e);
        }
        channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
                .usePlaintext()
                .flowControlWindow(WINDOW_BYTES)
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .build();
    }

    private static void send(ServerCallStreamObserver<byte[]> call, Semaphore ready, byte[][] messages, long count) {
        for (long i = 0; i < count && !call.isCancelled(); i++) {
            while (!call.isReady() && !call.isCancelled()) {
                ready.acquireUninterruptibly();
            }
            call.onNext(messages[(int) (i % messages.length)]);
        }
        if (!call.isCancelled()) {
            call.onCompleted();
        }
    }

    /// Reads so many messages.
    ///
    /// @return bytes that came
    long read(long count) {
        Iterator<byte[]> messages = ClientCalls.blockingServerStreamingCall(
                channel,
                STREAM,
                io.grpc.CallOptions.DEFAULT,
                ByteBuffer.allocate(8).putLong(count).array());
        long bytes = 0;
        while (messages.hasNext()) {
            bytes += messages.next().length;
        }
        return bytes;
    }

    @Override
    public void close() {
        channel.shutdownNow();
        server.shutdownNow();
        executor.shutdownNow();
    }

    private static final class Bytes implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new Message(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                byte[] bytes = new byte[stream.available()];
                stream.readNBytes(bytes, 0, bytes.length);
                return bytes;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static final class Message extends ByteArrayInputStream implements KnownLength, Drainable {
        Message(byte[] value) {
            super(value);
        }

        @Override
        public int drainTo(OutputStream target) throws IOException {
            int size = available();
            target.write(buf, pos, size);
            pos = count;
            return size;
        }
    }
}
