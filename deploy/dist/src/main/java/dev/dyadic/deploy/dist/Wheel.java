package dev.dyadic.deploy.dist;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// A wheel that is being written: a zip of files and of a `.dist-info` folder that describes them, as the packaging
/// guide of Python's authority says ("Binary distribution format"). Files are stored and not compressed, since most are
/// jars; their times are fixed, so that the same content gives the same wheel.
final class Wheel implements AutoCloseable {
    /// 1980-01-01T00:00, the first time that a zip can hold, in the local time that [ZipEntry] expects.
    private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

    private final ZipOutputStream zip;
    private final String info;
    private final List<String> records = new ArrayList<>();

    /// @param name of the distribution, with underscores
    /// @param version as PEP 440 has it
    /// @param platform tag of the systems that it runs on, such as `manylinux_2_28_x86_64`
    Wheel(Path directory, String name, String version, String platform) throws IOException {
        this.info = name + "-" + version + ".dist-info/";
        String tag = "py3-none-" + platform;
        Files.createDirectories(directory);
        this.zip = new ZipOutputStream(
                Files.newOutputStream(directory.resolve(name + "-" + version + "-" + tag + ".whl")));
        zip.setMethod(ZipOutputStream.STORED);
        info("WHEEL", "Wheel-Version: 1.0\nGenerator: dyadic\nRoot-Is-Purelib: false\nTag: " + tag + "\n");
    }

    /// @param path inside the wheel, with slashes
    void add(String path, Path file) throws IOException {
        add(path, Files.readAllBytes(file));
    }

    /// A file of the `.dist-info` folder.
    void info(String name, String text) throws IOException {
        add(info + name, text.getBytes(StandardCharsets.UTF_8));
    }

    private void add(String path, byte[] content) throws IOException {
        write(path, content);
        byte[] hash = sha256().digest(content);
        records.add(path + ",sha256=" + Base64.getUrlEncoder().withoutPadding().encodeToString(hash) + ","
                + content.length);
    }

    private void write(String path, byte[] content) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(content);
        ZipEntry entry = new ZipEntry(path);
        entry.setTimeLocal(TIME);
        entry.setSize(content.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }

    /// Writes the record of all files, which comes last.
    @Override
    public void close() throws IOException {
        records.add(info + "RECORD,,");
        write(info + "RECORD", (String.join("\n", records) + "\n").getBytes(StandardCharsets.UTF_8));
        zip.close();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
