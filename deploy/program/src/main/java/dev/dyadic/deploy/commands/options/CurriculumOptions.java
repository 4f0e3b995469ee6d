package dev.dyadic.deploy.commands.options;

import java.util.List;
import picocli.CommandLine.Option;

/// Which length comes when.
public final class CurriculumOptions {
    @Option(
            names = "--curriculum",
            defaultValue = "grow-p2",
            completionCandidates = CurriculumNames.class,
            description = "uniform, grow-linear, grow-p2, grow-p100, shrink-p100, or odds; default ${DEFAULT-VALUE}.")
    private String curriculum = "grow-p2";

    @Option(names = "--odds", split = ",", description = "For --curriculum odds: integers, shortest length first.")
    private List<String> odds = List.of();

    @Option(
            names = "--odds-alone",
            description = "Draw by the odds alone, and not by odds times steps that a length has.")
    private boolean oddsAlone;

    public String curriculum() {
        return curriculum;
    }

    public List<String> odds() {
        return odds;
    }

    public boolean oddsAlone() {
        return oddsAlone;
    }
}
