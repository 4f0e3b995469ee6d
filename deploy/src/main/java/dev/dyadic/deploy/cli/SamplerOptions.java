package dev.dyadic.deploy.cli;

import dev.dyadic.sampler.client.SamplerClient;
import picocli.CommandLine.Option;

/// Which sampler to call.
final class SamplerOptions {
    static final String DEFAULT_SAMPLER = "127.0.0.1:7070";

    @Option(
            names = "--sampler",
            paramLabel = "HOST:PORT",
            defaultValue = "${env:DYADIC_SAMPLER:-" + DEFAULT_SAMPLER + "}",
            description = "The sampler's address; default $$DYADIC_SAMPLER or " + DEFAULT_SAMPLER + ".")
    private String sampler = DEFAULT_SAMPLER;

    @Option(
            names = "--wait",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "How long to wait for a sampler, and for data; default ${DEFAULT-VALUE}.")
    private long waitSeconds;

    SamplerClient connect() {
        return new SamplerClient(sampler, waitSeconds * 1000);
    }

    SamplerClient connectBriefly() {
        return new SamplerClient(sampler, 0);
    }
}
