package dev.dyadic.deploy.dist;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WheelTest {
    @TempDir
    private Path directory = Path.of("");

    @Test
    void theRecordNamesEveryFileWithItsDigest() throws IOException, GeneralSecurityException {
        Path file = Files.writeString(directory.resolve("module.py"), "print('hello')\n");
        try (Wheel wheel = new Wheel(directory, "a_name", "1.2.0", "any")) {
            wheel.add("a_name/__init__.py", file);
            wheel.info("METADATA", "Metadata-Version: 2.4\nName: a_name\nVersion: 1.2.0\n");
        }

        try (ZipFile zip =
                new ZipFile(directory.resolve("a_name-1.2.0-py3-none-any.whl").toFile())) {
            List<String> records =
                    text(zip, "a_name-1.2.0.dist-info/RECORD").lines().toList();
            assertThat(records).hasSize(4).last().isEqualTo("a_name-1.2.0.dist-info/RECORD,,");
            for (String record : records.subList(0, 3)) {
                String[] fields = record.split(",", -1);
                byte[] content = text(zip, fields[0]).getBytes(StandardCharsets.UTF_8);
                byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
                assertThat(fields[1])
                        .isEqualTo("sha256="
                                + Base64.getUrlEncoder().withoutPadding().encodeToString(digest));
                assertThat(fields[2]).isEqualTo(Integer.toString(content.length));
            }
            assertThat(text(zip, "a_name-1.2.0.dist-info/WHEEL")).contains("Tag: py3-none-any\n");
        }
    }

    @Test
    void theSameContentGivesTheSameWheel() throws IOException {
        assertThat(packed("first")).isEqualTo(packed("second"));
    }

    private byte[] packed(String folder) throws IOException {
        Path target = directory.resolve(folder);
        try (Wheel wheel = new Wheel(target, "same", "1", "any")) {
            wheel.info("METADATA", "Name: same\n");
        }
        return Files.readAllBytes(target.resolve("same-1-py3-none-any.whl"));
    }

    private static String text(ZipFile zip, String name) throws IOException {
        ZipEntry entry = zip.getEntry(name);
        assertThat(entry).as(name).isNotNull();
        return new String(zip.getInputStream(entry).readAllBytes(), StandardCharsets.UTF_8);
    }
}
