package dev.dyadic.deploy.lab;

import dev.dyadic.deploy.commands.CommandGroup;
import java.util.List;

/// The laboratory's commands, for the program.
public final class LabCommands implements CommandGroup {
    @Override
    public String title() {
        return "Trying it out";
    }

    @Override
    public List<Object> commands() {
        return List.of(new ExperimentCommand(), new SimulateCommand(), new FaultsCommand(), new BenchCommand());
    }
}
