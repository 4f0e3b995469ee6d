package dev.dyadic.deploy.commands.config;

import dev.dyadic.deploy.commands.process.ExitCodes;
import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "completion",
        mixinStandardHelpOptions = true,
        description = "Prints a script with which a shell completes commands, options and their values.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  source <(dyadic completion bash)                                  this shell; bash and zsh alike",
            "  dyadic completion bash > ~/.local/share/bash-completion/completions/dyadic",
            "  dyadic completion zsh > ~/.dyadic.zsh && echo 'source ~/.dyadic.zsh' >> ~/.zshrc",
            "  dyadic completion fish > ~/.config/fish/completions/dyadic.fish",
        })
public final class CompletionCommand implements Callable<Integer> {
    enum Shell {
        bash,
        zsh,
        fish
    }

    @Spec
    private CommandSpec self = CommandSpec.create();

    @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}.")
    private Shell shell = Shell.bash;

    @Override
    public Integer call() {
        CommandLine program = self.root().commandLine();
        String name = program.getCommandName();
        String script = switch (shell) {
            // The script looks which of the two reads it. Where it knows of nothing, files are offered.
            case bash, zsh -> AutoComplete.bash(name, program).replace("compopt +o default", "compopt -o default");
            case fish -> FishCompletion.script(name, program);
        };
        program.getOut().print(script);
        program.getOut().flush();
        return ExitCodes.OK;
    }
}
