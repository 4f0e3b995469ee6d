package dev.dyadic.deploy.commands.options;

import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.ops.OpsServer;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Where operators look.
public final class OpsOptions {
    @Option(
            names = "--ops",
            paramLabel = "HOST:PORT",
            defaultValue = "${env:DYADIC_OPS:-" + Option.NULL_VALUE + "}",
            description = "Answer health, readiness, version and metrics over HTTP there, and show a sampler's live"
                    + " page; default $$DYADIC_OPS, or any free port of loopback, and for dev port 7072.")
    private @Nullable String address;

    @Option(
            names = "--ops-remote",
            defaultValue = "${env:DYADIC_OPS_REMOTE:-false}",
            description = "Allow --ops beyond loopback, in plain text and for everybody who reaches it;"
                    + " default $$DYADIC_OPS_REMOTE or no.")
    private boolean remote;

    @Option(
            names = "--ops-name",
            paramLabel = "NAME",
            split = ",",
            defaultValue = "${env:DYADIC_OPS_NAMES:-" + Option.NULL_VALUE + "}",
            description =
                    "A name by which --ops may be asked, beside addresses, localhost and the name of this machine;"
                            + " several are separated by commas. Default $$DYADIC_OPS_NAMES.")
    private @Nullable Set<String> names;

    /// @param fallback host:port where none is named, or a port of loopback; 0: any free one
    public OpsServer open(String fallback) {
        HostPort at = HostPort.parse("--ops", address == null ? fallback : address);
        return OpsServer.start(at.host(), at.port(), remote, names == null ? Set.of() : names);
    }

    public void tell(Output output, OpsServer ops) {
        if (address != null) {
            output.announce("Health and metrics at http://%s.", ops.address());
        }
    }
}
