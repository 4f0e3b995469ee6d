package dev.dyadic.deploy.export;

import dev.dyadic.proto.DirectoryLock;
import dev.dyadic.proto.DyadicException;
import dev.dyadic.proto.InvalidException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// The folder of an export. Whatever takes its own name in it is on the disk by then.
final class ExportFolder {
    /// With one line for each file, as `sha256sum --check` reads it.
    static final String SUMS = "SHA256SUMS";

    static final String UNFINISHED = ".part";
    private static final Pattern SHARD = Pattern.compile("shard-[0-9]{5}\\.(bin|mds|parquet)(\\.part|\\.samples)?");
    private static final Pattern LENGTH = Pattern.compile("length-[0-9]{5,7}");

    private final Path directory;

    ExportFolder(Path directory) {
        this.directory = directory;
    }

    /// What the folder holds; it need not be there.
    ///
    /// @throws InvalidException if it holds something that is no export
    Optional<ExportManifest> manifest() {
        Optional<ExportManifest> manifest = ExportManifest.read(directory);
        if (manifest.isEmpty() && Files.exists(directory)) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
                for (Path entry : entries) {
                    String name = entry.getFileName().toString();
                    if (!isOwn(name)) {
                        // An export that began meanwhile has written its manifest before anything else.
                        Optional<ExportManifest> begun = ExportManifest.read(directory);
                        if (begun.isPresent()) {
                            return begun;
                        }
                        throw new InvalidException(directory + " holds " + name
                                + " and no export; name an empty folder, or one that is not there yet");
                    }
                }
            } catch (IOException | DirectoryIteratorException e) {
                throw ExportException.unwritable(directory, e);
            }
        }
        return manifest;
    }

    /// What an export may have left before its manifest, which comes before every other file.
    private static boolean isOwn(String name) {
        return name.equals(DirectoryLock.FILE) || name.equals(ExportManifest.FILE + UNFINISHED);
    }

    DirectoryLock lock() {
        try {
            return DirectoryLock.acquire(directory);
        } catch (IOException e) {
            throw new ExportException(DyadicException.Kind.OUTSIDE, String.valueOf(e.getMessage()), e);
        }
    }

    /// @throws InvalidException if a file is not there as it was left
    void requireFiles(Optional<ExportManifest> there) {
        for (ExportedFile file : there.map(ExportManifest::files).orElse(List.of())) {
            Path path = directory.resolve(file.path());
            String found;
            try {
                if (Files.size(path) == file.bytes()) {
                    continue;
                }
                found = " is not as the export has left it, with " + file.bytes() + " bytes";
            } catch (NoSuchFileException e) {
                found = ", which the export has written, is missing";
            } catch (IOException e) {
                throw ExportException.unwritable(directory, e);
            }
            throw new InvalidException(path + found + "; delete the folder and export anew, or name another --to");
        }
    }

    /// @param entries that are kept
    StepIndex index(long entries) throws IOException {
        return new StepIndex(directory.resolve(StepIndex.FILE), entries);
    }

    /// @param entry number of the step in the index
    long digestOfStep(long entry) throws IOException {
        return StepIndex.digest(directory.resolve(StepIndex.FILE), entry);
    }

    /// @param firstStep of the file
    /// @param first that comes into it
    ShardFile shard(ExportManifest.Selection export, long firstStep, StepRows first) throws IOException {
        return new ShardFile(directory, export, firstStep, first);
    }

    /// Gives shards that are finished their names. What finds shards, and their digests, is old from here on, and so
    /// may be files that a longer export replaces, so the manifest names none of them by then.
    ///
    /// @param before the manifest without them
    void placeShards(ExportManifest before, Collection<ShardFile> shards) throws IOException {
        save(before);
        Files.deleteIfExists(directory.resolve(SUMS));
        for (Path folder : folders()) {
            Files.deleteIfExists(folder.resolve(MdsIndex.FILE));
        }
        for (ShardFile shard : shards) {
            place(shard.unfinished(), shard.file());
        }
    }

    void save(ExportManifest manifest) throws IOException {
        write(ExportManifest.FILE, manifest.toJson());
    }

    /// Writes what finds the shards, and what tells that they are all there.
    ExportManifest complete(ExportManifest manifest) throws IOException {
        deleteLeftovers(manifest);
        List<ExportedFile> files = new ArrayList<>(manifest.shards());
        if (manifest.export().format() == ExportFormat.mds) {
            for (MdsIndex.Text index : MdsIndex.of(manifest)) {
                write(index.path(), index.json());
                files.add(ExportedFile.of(directory, index.path(), manifest));
            }
        }
        files.add(ExportedFile.of(directory, StepIndex.FILE, manifest));
        StringBuilder sums = new StringBuilder();
        files.stream()
                .sorted(Comparator.comparing(ExportedFile::path))
                .forEach(file -> sums.append("%s  %s\n".formatted(file.sha256(), file.path())));
        write(SUMS, sums.toString());
        files.add(ExportedFile.of(directory, SUMS, manifest));
        ExportManifest complete = manifest.completed(files);
        save(complete);
        return complete;
    }

    /// Shards that an export which was interrupted has begun, and this one does not have.
    private void deleteLeftovers(ExportManifest manifest) throws IOException {
        Set<Path> kept = new HashSet<>();
        manifest.shards().forEach(file -> kept.add(directory.resolve(file.path())));
        for (Path folder : folders()) {
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
                for (Path entry : entries) {
                    if (SHARD.matcher(entry.getFileName().toString()).matches() && !kept.contains(entry)) {
                        Files.delete(entry);
                    }
                }
            }
        }
    }

    /// In which an export has files.
    private List<Path> folders() throws IOException {
        List<Path> folders = new ArrayList<>(List.of(directory));
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                if (LENGTH.matcher(entry.getFileName().toString()).matches() && Files.isDirectory(entry)) {
                    folders.add(entry);
                }
            }
        }
        return folders;
    }

    private void write(String path, String text) throws IOException {
        Path file = directory.resolve(path);
        Path unfinished = file.resolveSibling(file.getFileName() + UNFINISHED);
        Files.writeString(unfinished, text);
        place(unfinished, file);
    }

    private static void place(Path unfinished, Path file) throws IOException {
        try (FileChannel written = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
            written.force(true);
        }
        Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        try (FileChannel folder = FileChannel.open(file.toAbsolutePath().getParent(), StandardOpenOption.READ)) {
            folder.force(true);
        }
    }

    @Override
    public String toString() {
        return directory.toString();
    }
}
