package dev.dyadic.deploy.ops;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// Asks a service of this machine whether it is well, for containers without a shell. Loads little, to be quick.
public final class HealthCheck {
    private static final int TIMEOUT_MILLIS = 5_000;
    private static final int MAX_ANSWER_BYTES = 4096;

    private HealthCheck() {}

    /// Exits with 0 where the service is ready, else with 1 and the reason.
    ///
    /// @param arguments port, and path; without: the port of `DYADIC_OPS`, and `/health/ready`
    @SuppressWarnings("SystemOut")
    public static void main(String[] arguments) {
        try {
            String port = arguments.length > 0 ? arguments[0] : portOf(System.getenv("DYADIC_OPS"));
            String path = arguments.length > 1 ? arguments[1] : "/health/ready";
            String answer = ask(Integer.parseInt(port), path);
            System.out.println(answer.substring(answer.indexOf("\r\n\r\n") + 4).strip());
            System.exit(answer.startsWith("HTTP/1.1 200") ? 0 : 1);
        } catch (IOException | IllegalArgumentException e) {
            System.out.println("does not answer: " + e.getMessage());
            System.exit(1);
        }
    }

    private static String portOf(@org.jspecify.annotations.Nullable String address) {
        if (address == null) {
            throw new IllegalArgumentException("name the port, or set DYADIC_OPS to HOST:PORT");
        }
        return address.substring(address.lastIndexOf(':') + 1);
    }

    private static String ask(int port, String path) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
            socket.setSoTimeout(TIMEOUT_MILLIS);
            OutputStream out = socket.getOutputStream();
            out.write(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            out.flush();
            InputStream in = socket.getInputStream();
            return new String(in.readNBytes(MAX_ANSWER_BYTES), StandardCharsets.UTF_8);
        }
    }
}
