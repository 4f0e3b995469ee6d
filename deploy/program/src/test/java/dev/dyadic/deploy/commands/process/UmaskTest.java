package dev.dyadic.deploy.commands.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.proto.InvalidException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@DisabledOnOs(OS.WINDOWS)
class UmaskTest {
    @TempDir
    private Path directory;

    @AfterEach
    void setBack() {
        Umask.set("022");
    }

    @Test
    void filesAreTheOwnersUnlessOtherwiseAskedFor() throws IOException {
        Umask.set(null);
        assertThat(made("private")).isEqualTo("rw-------");

        Umask.set("027");
        assertThat(made("of the group")).isEqualTo("rw-r-----");

        assertThatThrownBy(() -> Umask.set("rwx"))
                .isInstanceOf(InvalidException.class)
                .hasMessage("DYADIC_UMASK must be an octal number from 0 to 777, such as 027, but was rwx");
        assertThatThrownBy(() -> Umask.set("1777")).isInstanceOf(InvalidException.class);
    }

    private String made(String name) throws IOException {
        Path file = Files.writeString(directory.resolve(name), "x");
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }
}
