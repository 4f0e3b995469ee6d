package dev.dyadic.proto;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Keeps a directory to one program at a time. The lock ends with the process, however it ends.
public final class DirectoryLock implements AutoCloseable {
    /// In the directory.
    public static final String FILE = "dyadic.lock";

    private final Path directory;
    private final FileChannel channel;

    private DirectoryLock(Path directory, FileChannel channel) {
        this.directory = directory;
        this.channel = channel;
    }

    /// Makes the directory where it is missing.
    ///
    /// @throws IOException if it cannot be made or written, or another program has it; the message is for the user
    @SuppressWarnings("MustBeClosedChecker") // the lock closes it
    public static DirectoryLock acquire(Path directory) throws IOException {
        try {
            Files.createDirectories(directory);
            FileChannel channel =
                    FileChannel.open(directory.resolve(FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (isLocked(channel)) {
                return new DirectoryLock(directory, channel);
            }
            channel.close();
        } catch (AccessDeniedException e) {
            throw new IOException("cannot use directory " + directory + ": it is not writable", e);
        } catch (IOException e) {
            throw new IOException("cannot use directory " + directory + ": " + e, e);
        }
        throw new IOException(
                "directory " + directory + " is in use by another program: stop it, or name another directory");
    }

    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } catch (IOException e) {
            throw new IOException("cannot unlock directory " + directory + ": " + e.getMessage(), e);
        }
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }
}
