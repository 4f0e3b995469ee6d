package dev.dyadic.deploy.commands.options;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.dyadic.decomposer.tokenize.TokenizerFile;
import dev.dyadic.decomposer.tokenize.Tokenizers;
import dev.dyadic.proto.GivenFile;
import dev.dyadic.proto.InvalidException;
import dev.dyadic.proto.TokenizerIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which tokenizer: one with a name, or that of a file.
public final class TokenizerOptions {
    private static final String CONFIGURATION = "tokenizer_config.json";
    private static final String BY_DEFAULT = "r50k_base";

    @Option(
            names = "--tokenizer",
            paramLabel = "NAME-OR-FILE",
            description =
                    "bytes, r50k_base, cl100k_base or o200k_base; or a Hugging Face tokenizer.json, or the directory that"
                            + " has it. Default " + BY_DEFAULT + ".")
    private @Nullable String tokenizer;

    @Option(
            names = "--end-of-text",
            paramLabel = "TOKEN",
            description = "The token of a tokenizer.json that ends each document; default: eos_token of the"
                    + " tokenizer_config.json beside it.")
    private @Nullable String endOfText;

    @Option(
            names = "--begin-of-text",
            paramLabel = "TOKEN",
            description = "The token of a tokenizer.json that stands before each document; default: none.")
    private @Nullable String beginOfText;

    private @Nullable Identified identified;

    /// @param file what the tokenizer was read from; empty: this program brings it, or the corpus has it
    record Identified(TokenizerIdentity identity, Optional<GivenFile> file) {}

    /// Throws where a tokenizer is given that there is not.
    void require() {
        if (tokenizer != null) {
            identify(tokenizer);
        }
    }

    /// What is given, or else what a corpus that exists has, or else the default.
    Identified identify(Optional<TokenizerIdentity> existing) {
        if (tokenizer == null && existing.isPresent()) {
            requireNoTokens("the corpus has a tokenizer; name it with --tokenizer to compare its tokens");
            return new Identified(existing.get(), Optional.empty());
        }
        return identify(tokenizer == null ? BY_DEFAULT : tokenizer);
    }

    /// A file is read once.
    private Identified identify(String name) {
        if (identified == null) {
            identified = read(name);
        }
        return identified;
    }

    private Identified read(String name) {
        if (Tokenizers.NAMES.contains(name)) {
            requireNoTokens(name + " has its own end of text");
            return new Identified(Tokenizers.named(name).identity(), Optional.empty());
        }
        Path path = TokenizerPaths.find(name);
        TokenizerFile file = new TokenizerFile(TokenizerPaths.nameOf(path), TokenizerPaths.read(path));
        Optional<String> end = Optional.ofNullable(endOfText).or(() -> configuredEnd(path));
        return new Identified(
                file.tokenizer(end, Optional.ofNullable(beginOfText)).identity(), Optional.of(file));
    }

    private void requireNoTokens(String why) {
        if (endOfText != null || beginOfText != null) {
            throw new InvalidException("--end-of-text and --begin-of-text go with a tokenizer.json; " + why);
        }
    }

    /// The token that the configuration beside the file names, as a string or as an object with a content.
    private static Optional<String> configuredEnd(Path path) {
        Path configuration = path.resolveSibling(CONFIGURATION);
        if (!Files.isRegularFile(configuration)) {
            return Optional.empty();
        }
        try {
            JsonNode end = new ObjectMapper()
                    .readTree(Files.readAllBytes(configuration))
                    .path("eos_token");
            String text = end.isObject() ? end.path("content").asText("") : end.asText("");
            return text.isEmpty() ? Optional.empty() : Optional.of(text);
        } catch (JsonProcessingException e) {
            throw new InvalidException("expected JSON in " + configuration + ", but at line "
                    + e.getLocation().getLineNr() + " it is none; mend it, or name the token with --end-of-text");
        } catch (IOException e) {
            throw new InvalidException("cannot read " + configuration + ": " + e.getMessage());
        }
    }
}
