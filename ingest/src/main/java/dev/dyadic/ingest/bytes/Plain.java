package dev.dyadic.ingest.bytes;

import java.io.IOException;
import java.io.InputStream;

/// An input that is not packed: one member, of which nothing can be damaged.
final class Plain extends Unpacked {
    private final InputStream input;

    Plain(InputStream input) {
        this.input = input;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        return input.read(target, offset, length);
    }

    /// Files are not read for it.
    @Override
    public long skip(long bytes) throws IOException {
        return input.skip(bytes);
    }

    @Override
    public boolean recover() {
        return false;
    }

    @Override
    public boolean nextMember() {
        return false;
    }

    @Override
    public void close() throws IOException {
        input.close();
    }
}
