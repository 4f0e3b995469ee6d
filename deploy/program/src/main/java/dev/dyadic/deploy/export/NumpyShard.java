package dev.dyadic.deploy.export;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/// Ids, one row after the other, without a header.
final class NumpyShard implements Shard {
    private final OutputStream stream;

    NumpyShard(Path file) throws IOException {
        this.stream = new BufferedOutputStream(Files.newOutputStream(file));
    }

    @Override
    public void add(StepRows step) throws IOException {
        stream.write(step.tokens());
    }

    @Override
    public void finish() throws IOException {
        stream.close();
    }

    @Override
    public void close() {
        Shard.abandon(stream);
    }
}
