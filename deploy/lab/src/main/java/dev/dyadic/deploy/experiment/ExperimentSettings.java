package dev.dyadic.deploy.experiment;

import dev.dyadic.proto.InvalidException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What is compared, and how large.
///
/// @param input empty: the bundled sample
/// @param maxTextBytes of the input that are taken
/// @param tokensPerStep a multiple of the longest length
/// @param holdOutShare of the documents
/// @param looks at the hold-out, in each training
/// @param variants names; empty: all
/// @param threads of one operator; 0: the engine's default
public record ExperimentSettings(
        Optional<Path> input,
        long maxTextBytes,
        String tokenizer,
        int minLength,
        int maxLength,
        int tokensPerStep,
        String model,
        double peakRate,
        double holdOutShare,
        int looks,
        long seed,
        List<String> variants,
        int threads) {
    public ExperimentSettings {
        variants = List.copyOf(variants);
        if (maxTextBytes < 1) {
            throw new InvalidException("text must be at least 1 byte, but was " + maxTextBytes);
        }
        if (looks < 1) {
            throw new InvalidException("looks must be at least 1, but was " + looks);
        }
        if (!(holdOutShare > 0 && holdOutShare < 1)) {
            throw new InvalidException("hold-out must be between 0 and 1, but was " + holdOutShare);
        }
        List<String> known = Variant.all().stream().map(Variant::name).toList();
        for (String name : variants) {
            if (!known.contains(name)) {
                throw new InvalidException("variant must be one of " + known + ", but was " + name);
            }
        }
    }

    /// The variants to train. The first of all is always there: the others are held against it.
    List<Variant> chosen() {
        List<Variant> all = Variant.all();
        return all.stream()
                .filter(variant ->
                        variants.isEmpty() || variant.equals(all.getFirst()) || variants.contains(variant.name()))
                .toList();
    }
}
