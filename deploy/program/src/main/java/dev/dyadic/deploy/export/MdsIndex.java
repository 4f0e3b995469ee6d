package dev.dyadic.deploy.export;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// The index by which MosaicML Streaming finds shards: one of all, and one in each folder of a length.
final class MdsIndex {
    static final String FILE = "index.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    private MdsIndex() {}

    /// @return the paths of what was written, below the directory
    static List<String> write(Path directory, ExportManifest.Selection export, List<ExportedFile> shards)
            throws IOException {
        List<String> written = new ArrayList<>();
        if (export.by() == Grouping.lengths) {
            Map<Path, List<ExportedFile>> folders =
                    shards.stream().collect(Collectors.groupingBy(MdsIndex::folder, TreeMap::new, Collectors.toList()));
            for (Map.Entry<Path, List<ExportedFile>> folder : folders.entrySet()) {
                written.add(write(directory, folder.getKey(), export, folder.getValue()));
            }
        }
        written.add(write(directory, Path.of(""), export, shards));
        return written;
    }

    private static Path folder(ExportedFile shard) {
        Path parent = Path.of(shard.path()).getParent();
        return parent == null ? Path.of("") : parent;
    }

    /// @param folder from which the shards are named
    private static String write(Path directory, Path folder, ExportManifest.Selection export, List<ExportedFile> shards)
            throws IOException {
        ObjectNode index = JSON.createObjectNode();
        ArrayNode list = index.putArray("shards");
        for (ExportedFile shard : shards) {
            ObjectNode entry = MdsShard.config(new Shard.Columns(export.tokens().bytes(), shard.rowTokens()));
            ObjectNode raw = entry.putObject("raw_data");
            raw.put("basename", text(folder.relativize(Path.of(shard.path())))).put("bytes", shard.bytes());
            raw.putObject("hashes").put("sha256", shard.sha256());
            entry.put("samples", shard.rows()).putNull("zip_data");
            list.add(entry);
        }
        index.put("version", 2);
        Path file = folder.resolve(FILE);
        Files.writeString(directory.resolve(file), index.toString());
        return text(file);
    }

    private static String text(Path path) {
        return path.toString().replace('\\', '/');
    }
}
