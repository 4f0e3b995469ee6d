package dev.dyadic.deploy.export;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.dyadic.proto.InvalidException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What an export holds, and how far it has come: `manifest.json` in its directory.
///
/// @param export what is exported
/// @param nextStep the steps below it are there
/// @param manifestDigest SHA-256 of the ledger's manifest that fixes the last step, in hexadecimal
public record ExportManifest(
        @JsonProperty("version") int version,
        @JsonProperty("complete") boolean complete,
        @JsonProperty("export") Selection export,
        @JsonProperty("nextStep") long nextStep,
        @JsonProperty("manifestDigest") String manifestDigest,
        @JsonProperty("files") List<ExportedFile> files) {
    /// In the directory.
    public static final String FILE = "manifest.json";

    static final int VERSION = 1;
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /// What stays the same while an export goes on.
    ///
    /// @param runId offset of the run's record in the ledger
    /// @param stepsPerShard files begin at the first step and every so many steps after it
    public record Selection(
            @JsonProperty("run") String run,
            @JsonProperty("runId") long runId,
            @JsonProperty("format") ExportFormat format,
            @JsonProperty("by") Grouping by,
            @JsonProperty("firstStep") long firstStep,
            @JsonProperty("tokensPerStep") long tokensPerStep,
            @JsonProperty("stepsPerShard") long stepsPerShard,
            @JsonProperty("tokens") Tokens tokens) {
        /// What is different in another, in words.
        List<String> differences(Selection other) {
            List<String> differences = new ArrayList<>();
            differ(differences, "run", run, other.run);
            differ(differences, "run id", runId, other.runId);
            differ(differences, "format", format, other.format);
            differ(differences, "grouping", by, other.by);
            differ(differences, "first step", firstStep, other.firstStep);
            differ(differences, "number of tokens in a step", tokensPerStep, other.tokensPerStep);
            differ(differences, "number of steps in a file", stepsPerShard, other.stepsPerShard);
            differ(differences, "layout", tokens.layout, other.tokens.layout);
            differ(differences, "tokenizer", tokens.tokenizer, other.tokens.tokenizer);
            if (differences.isEmpty() && !tokens.equals(other.tokens)) {
                differences.add("its tokenizer's file, ids or special tokens are others");
            }
            return differences;
        }

        private static void differ(List<String> differences, String what, Object there, Object other) {
            if (!there.equals(other)) {
                differences.add("its " + what + " is " + there + ", not " + other);
            }
        }
    }

    /// What the ids are of.
    ///
    /// @param type `uint16` or `uint32`, little-endian
    /// @param tokenizerSha256 of the tokenizer's file; empty: one that Dyadic brings
    /// @param beginOfText before each document, if there is one
    public record Tokens(
            @JsonProperty("type") String type,
            @JsonProperty("layout") String layout,
            @JsonProperty("tokenizer") String tokenizer,
            @JsonProperty("tokenizerSha256") String tokenizerSha256,
            @JsonProperty("vocabularySize") int vocabularySize,
            @JsonProperty("endOfText") int endOfText,
            @JsonProperty("beginOfText") @Nullable Integer beginOfText) {}

    static ExportManifest begin(Selection export) {
        return new ExportManifest(VERSION, false, export, export.firstStep(), "", List.of());
    }

    /// The manifest of a directory, if it has one.
    static Optional<ExportManifest> read(Path directory) {
        Path file = directory.resolve(FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            JsonNode json = JSON.readTree(file.toFile());
            if (json.path("version").asInt() != VERSION
                    || !json.path("export").path("tokens").isObject()
                    || !json.path("files").isArray()) {
                throw new InvalidException(
                        file + " is no manifest of an export of this version of Dyadic; name another --to");
            }
            return Optional.of(JSON.treeToValue(json, ExportManifest.class));
        } catch (IOException e) {
            throw new InvalidException(
                    file + " is not the manifest of an export: "
                            + String.valueOf(e.getMessage()).lines().findFirst().orElse("") + "; name another --to",
                    e);
        }
    }

    String toJson() throws IOException {
        return JSON.writeValueAsString(this);
    }

    /// The same as far as a step.
    ///
    /// @param ledgerDigest of the ledger's manifest there
    ExportManifest at(long step, String ledgerDigest, List<ExportedFile> shards) {
        return new ExportManifest(version, false, export, step, ledgerDigest, List.copyOf(shards));
    }

    ExportManifest completed(List<ExportedFile> allFiles) {
        return new ExportManifest(version, true, export, nextStep, manifestDigest, List.copyOf(allFiles));
    }

    public List<ExportedFile> shards() {
        return files.stream().filter(ExportedFile::isShard).toList();
    }

    public long rows() {
        return files.stream().mapToLong(ExportedFile::rows).sum();
    }

    public long bytes() {
        return files.stream().mapToLong(ExportedFile::bytes).sum();
    }
}
