package dev.dyadic.deploy.commands.options;

import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.process.ExitCodes;
import dev.dyadic.sampler.client.SamplerClient;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/// A command that asks a sampler and prints what it says. It has the options of output and of samplers.
public abstract class SamplerCommand implements Callable<Integer> {
    @Mixin
    private OutputOptions outputOptions = new OutputOptions();

    @Mixin
    private SamplerOptions samplerOptions = new SamplerOptions();

    /// Called with both open; the client is closed afterwards.
    protected abstract void run(Output output, SamplerClient client);

    /// What a command that is shown to the user has to say to find the same sampler.
    protected final String samplerArgument() {
        return samplerOptions.argument();
    }

    @Override
    public final Integer call() {
        Output output = outputOptions.open();
        try (SamplerClient client = samplerOptions.connect()) {
            run(output, client);
        }
        return ExitCodes.OK;
    }
}
