package dev.dyadic.proto.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClientSettingsTest {
    @Test
    void everyAddressOfANameIsAnEndpoint() throws UnknownHostException {
        InetAddress one = InetAddress.getByName("10.0.0.1");
        InetAddress two = InetAddress.getByName("10.0.0.2");
        InetAddress sixth = InetAddress.getByName("2001:db8::1");
        InetAddress other = InetAddress.getByName("2001:db8::2");
        Optional<String> name = Optional.of("sampler");

        assertThat(ClientSettings.endpoints("dns:///sampler:7070", "sampler", "7070", one, sixth, two))
                .containsExactly(
                        new ClientSettings.Endpoint("10.0.0.1:7070", name),
                        new ClientSettings.Endpoint("10.0.0.2:7070", name));
        assertThat(ClientSettings.endpoints("sampler:7070", "sampler", "7070", sixth, other))
                .containsExactly(
                        new ClientSettings.Endpoint("[2001:db8:0:0:0:0:0:1]:7070", name),
                        new ClientSettings.Endpoint("[2001:db8:0:0:0:0:0:2]:7070", name));
    }

    @Test
    void oneMachineIsAskedByTheNameThatWasGiven() throws UnknownHostException {
        InetAddress own = InetAddress.getByName("10.0.0.1");
        InetAddress ownSixth = InetAddress.getByName("2001:db8::1");
        assertThat(ClientSettings.endpoints("host:7070", "host", "7070", own, ownSixth))
                .containsExactly(new ClientSettings.Endpoint("host:7070", Optional.empty()));
        for (String target :
                new String[] {"127.0.0.1:7070", "[::1]:7070", "unix:///run/sampler", "nonsense", "127.0.0.1:99999999999"
                }) {
            assertThat(ClientSettings.endpoints(target))
                    .containsExactly(new ClientSettings.Endpoint(target, Optional.empty()));
        }
    }
}
