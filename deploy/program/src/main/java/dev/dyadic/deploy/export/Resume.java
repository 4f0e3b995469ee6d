package dev.dyadic.deploy.export;

import dev.dyadic.proto.InvalidException;
import java.util.List;
import java.util.Optional;

/// Where an export goes on, given what is there and what is wanted.
///
/// @param there the manifest that was found
/// @param manifest up to where its steps are kept; the steps from there on are written
/// @param isThere whether nothing is left to do
record Resume(Optional<ExportManifest> there, ExportManifest manifest, long endStep, boolean isThere) {
    /// More shards would not stand in their order by name.
    private static final long MAX_SHARDS = 100_000;

    /// @param isNamed whether the user has asked for it; else it is as much as there is
    record End(long step, boolean isNamed) {}

    /// @throws InvalidException if what is there is another export, or one that goes further
    static Resume of(Optional<ExportManifest> found, ExportManifest.Selection wanted, End end) {
        long shards = (end.step() - wanted.firstStep() - 1) / wanted.stepsPerShard() + 1;
        if (shards > MAX_SHARDS) {
            throw new InvalidException("an export has at most " + MAX_SHARDS
                    + " times --shard-size, but this one would have " + shards + "; name a larger --shard-size");
        }
        if (found.isEmpty()) {
            return new Resume(found, ExportManifest.begin(wanted), end.step(), false);
        }
        ExportManifest there = found.get();
        List<String> differences = there.export().differences(wanted);
        if (!differences.isEmpty()) {
            throw new InvalidException(
                    "--to holds another export: " + String.join(", ", differences) + "; name another --to");
        }
        // A replica that is a little behind has less planned.
        long endStep = end.isNamed() ? end.step() : Math.max(end.step(), there.nextStep());
        if (endStep < there.nextStep()) {
            throw new InvalidException("--to holds the steps up to " + there.nextStep() + ", but --steps goes up to "
                    + endStep + "; name another --to");
        }
        if (endStep == there.nextStep()) {
            return new Resume(found, there, endStep, there.complete());
        }
        // The last shards of a shorter export are short of steps: they are written anew.
        long whole = there.nextStep() - (there.nextStep() - wanted.firstStep()) % wanted.stepsPerShard();
        List<ExportedFile> kept =
                there.shards().stream().filter(file -> file.firstStep() < whole).toList();
        return new Resume(found, there.at(whole, there.manifestDigest(), kept), endStep, false);
    }
}
