package dev.dyadic.deploy.commands.options;

import dev.dyadic.decomposer.tokenize.TextIds;
import dev.dyadic.decomposer.tokenize.Tokenizers;
import dev.dyadic.proto.Asset;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Finds the `tokenizer.json` that somebody names.
public final class TokenizerPaths {
    private static final String FILE = "tokenizer.json";

    private TokenizerPaths() {}

    /// @param named a file, or the directory that has a `tokenizer.json`
    public static Path find(String named) {
        Path path = Path.of(named);
        if (Files.isDirectory(path)) {
            path = path.resolve(FILE);
        }
        if (!Files.exists(path)) {
            throw new InvalidException("--tokenizer must be one of " + String.join(", ", Tokenizers.NAMES)
                    + ", or a tokenizer.json, but there is no file " + path);
        }
        return path;
    }

    /// @param named a tokenizer that has a name, a file, or the directory that has a `tokenizer.json`
    public static TextIds textIds(String named) {
        if (Tokenizers.NAMES.contains(named)) {
            return TextIds.named(named);
        }
        Path path = find(named);
        return TextIds.ofFile(nameOf(path), read(path));
    }

    /// The file's name; where every such file has the same one, with that of its directory before it.
    public static String nameOf(Path path) {
        String name = String.valueOf(path.getFileName());
        Path directory = path.toAbsolutePath().normalize().getParent();
        return name.equals(FILE) && directory != null && directory.getFileName() != null
                ? directory.getFileName() + "/" + name
                : name;
    }

    public static Asset read(Path path) {
        try {
            if (Files.size(path) > Limits.MAX_ASSET_BYTES) {
                throw new InvalidException("a tokenizer.json must have at most " + Limits.MAX_ASSET_BYTES
                        + " bytes, but " + path + " has " + Files.size(path));
            }
            return Asset.of(Files.readAllBytes(path));
        } catch (IOException e) {
            throw new InvalidException("cannot read " + path + ": " + e.getMessage());
        }
    }
}
