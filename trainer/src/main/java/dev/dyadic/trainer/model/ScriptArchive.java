package dev.dyadic.trainer.model;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// A TorchScript archive of one class without parameters: what `torch.jit.load` reads. The zip's entries are stored,
/// not compressed, as PyTorch demands.
final class ScriptArchive {
    private static final String ROOT = "dyadic/";

    private ScriptArchive() {}

    /// @param className of the class in the source
    /// @param source TorchScript
    static byte[] of(String className, String source) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            put(zip, "data.pkl", pickledObject(className));
            put(zip, "code/__torch__.py", source.getBytes(StandardCharsets.UTF_8));
            put(zip, "constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
            put(zip, "version", "3\n".getBytes(StandardCharsets.US_ASCII));
            put(zip, "byteorder", "little".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory failed", e);
        }
        return bytes.toByteArray();
    }

    /// Pickle, protocol 2: `new Class()` with `training = True` and `_is_full_backward_hook = None`.
    private static byte[] pickledObject(String className) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        write(out, new byte[] {(byte) 0x80, 2});
        write(out, ("c__torch__\n" + className + "\n").getBytes(StandardCharsets.US_ASCII));
        write(out, new byte[] {')', (byte) 0x81, '}', '('});
        unicode(out, "training");
        out.write(0x88);
        unicode(out, "_is_full_backward_hook");
        write(out, new byte[] {'N', 'u', 'b', '.'});
        return out.toByteArray();
    }

    private static void unicode(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.write('X');
        for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
            out.write(bytes.length >>> shift);
        }
        write(out, bytes);
    }

    private static void write(ByteArrayOutputStream out, byte[] bytes) {
        out.write(bytes, 0, bytes.length);
    }

    private static void put(ZipOutputStream zip, String name, byte[] content) throws IOException {
        CRC32 crc = new CRC32();
        crc.update(content);
        ZipEntry entry = new ZipEntry(ROOT + name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
