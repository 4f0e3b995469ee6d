package dev.dyadic.trainer.checkpoint;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.trainer.TrainerException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Checkpoints of one training in one directory, a directory each: weights with the `config.json` of the `transformers`
/// library, what the optimizer keeps, and facts. Written under a temporary name, synced, renamed; the oldest are
/// deleted.
public final class Checkpoints {
    private static final String PREFIX = "step-";
    private static final String FACTS = "checkpoint.json";
    private static final String WEIGHTS = "model.safetensors";
    private static final String CONFIG = "config.json";
    private static final String OPTIMIZER = "optimizer.safetensors";
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    private final Path directory;
    private final int keep;

    /// @param keep how many stay
    public Checkpoints(Path directory, int keep) {
        if (keep < 1) {
            throw new InvalidException("keep must be at least 1, but was " + keep);
        }
        this.directory = directory;
        this.keep = keep;
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new TrainerException("cannot use checkpoint directory " + directory + ": " + e.getMessage(), e);
        }
    }

    /// A checkpoint as it was found.
    ///
    /// @param path its directory
    public record Found(Path path, CheckpointFacts facts) {}

    public void write(CheckpointFacts facts, Map<String, NDArray> weights, Map<String, NDArray> optimizer) {
        Path target = directory.resolve("%s%010d".formatted(PREFIX, facts.step()));
        Path temporary = directory.resolve("writing-" + facts.step());
        try {
            deleteTree(temporary);
            Files.createDirectories(temporary);
            SafeTensors.write(temporary.resolve(WEIGHTS), weights);
            SafeTensors.write(temporary.resolve(OPTIMIZER), optimizer);
            writeSynced(temporary.resolve(CONFIG), HuggingFaceConfig.of(facts.model()));
            CheckpointFacts complete =
                    facts.withDigests(sha256(temporary.resolve(WEIGHTS)), sha256(temporary.resolve(OPTIMIZER)));
            writeSynced(
                    temporary.resolve(FACTS),
                    JSON.writerWithDefaultPrettyPrinter().writeValueAsBytes(complete));
            syncDirectory(temporary);
            deleteTree(target);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            syncDirectory(directory);
            List<Path> all = list();
            for (Path old : all.subList(0, Math.max(0, all.size() - keep))) {
                deleteTree(old);
            }
        } catch (IOException e) {
            throw new TrainerException("cannot write checkpoint " + target + ": " + e.getMessage(), e);
        }
    }

    /// The newest one.
    public Optional<Found> latest() {
        try {
            List<Path> all = list();
            return all.isEmpty() ? Optional.empty() : Optional.of(facts(all.getLast()));
        } catch (IOException e) {
            throw new TrainerException("cannot read checkpoint directory " + directory + ": " + e.getMessage(), e);
        }
    }

    /// All arrays of a checkpoint, weights and optimizer, after its files were checked whole.
    public Map<String, NDArray> read(Found found, NDManager manager) {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        try {
            arrays.putAll(read(found.path().resolve(WEIGHTS), found.facts().weightsSha256(), manager));
            arrays.putAll(read(found.path().resolve(OPTIMIZER), found.facts().optimizerSha256(), manager));
            return arrays;
        } catch (IOException e) {
            throw refused(found.path(), e);
        }
    }

    private static Map<String, NDArray> read(Path file, String expected, NDManager manager) throws IOException {
        String sha256 = sha256(file);
        if (!sha256.equals(expected)) {
            throw new IOException("the SHA-256 of " + file.getFileName() + " is " + sha256 + ", but " + expected
                    + " was written: the file is torn or changed");
        }
        return SafeTensors.read(file, manager);
    }

    private static Found facts(Path path) {
        try {
            JsonNode facts = JSON.readTree(path.resolve(FACTS).toFile());
            int format = facts.path("format").asInt();
            if (format != CheckpointFacts.FORMAT) {
                throw new IOException("its format is " + format + ", but this program reads " + CheckpointFacts.FORMAT);
            }
            return new Found(path, JSON.treeToValue(facts, CheckpointFacts.class));
        } catch (IOException e) {
            throw refused(path, e);
        }
    }

    private List<Path> list() throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(path -> path.getFileName().toString().startsWith(PREFIX))
                    .sorted()
                    .toList();
        }
    }

    private static TrainerException refused(Path path, IOException e) {
        return new TrainerException(
                "checkpoint " + path + " cannot be used: " + e.getMessage() + ". Delete it to go on from an older one.",
                e);
    }

    private static void writeSynced(Path file, byte[] bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
            channel.force(true);
        }
    }

    private static void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static String sha256(Path file) throws IOException {
        try (InputStream raw = Files.newInputStream(file);
                DigestInputStream stream = new DigestInputStream(raw, MessageDigest.getInstance("SHA-256"))) {
            stream.transferTo(java.io.OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(stream.getMessageDigest().digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }

    private static void deleteTree(Path path) throws IOException {
        try (Stream<Path> tree = Files.walk(path)) {
            for (Path file : tree.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (NoSuchFileException e) {
            // Nothing is there: nothing to delete.
        }
    }
}
