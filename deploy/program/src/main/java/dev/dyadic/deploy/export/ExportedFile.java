package dev.dyadic.deploy.export;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// A file of an export.
///
/// @param path below the directory, with `/` between folders
/// @param length of its rows, where all have the same
/// @param rowTokens tokens of a row, where all have as many
/// @param rows 0, and left out: it is no shard
/// @param digest the sum of the digests of its steps, in hexadecimal
@JsonInclude(JsonInclude.Include.NON_DEFAULT)
public record ExportedFile(
        @JsonProperty("path") String path,
        @JsonProperty("bytes") long bytes,
        @JsonProperty("sha256") String sha256,
        @JsonProperty("firstStep") long firstStep,
        @JsonProperty("endStep") long endStep,
        @JsonProperty("length") @Nullable Integer length,
        @JsonProperty("rowTokens") @Nullable Integer rowTokens,
        @JsonProperty("rows") long rows,
        @JsonProperty("digest") @Nullable String digest) {

    /// A file that is no shard.
    static ExportedFile of(Path directory, String path, ExportManifest manifest) throws IOException {
        Path file = directory.resolve(path);
        return new ExportedFile(
                path,
                Files.size(file),
                sha256(file),
                manifest.export().firstStep(),
                manifest.nextStep(),
                null,
                null,
                0,
                null);
    }

    static String sha256(Path file) throws IOException {
        try (DigestInputStream stream =
                new DigestInputStream(Files.newInputStream(file), MessageDigest.getInstance("SHA-256"))) {
            stream.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(stream.getMessageDigest().digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }

    boolean isShard() {
        return rows > 0;
    }
}
