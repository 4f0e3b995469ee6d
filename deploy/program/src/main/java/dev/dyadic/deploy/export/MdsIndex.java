package dev.dyadic.deploy.export;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// The index by which MosaicML Streaming finds shards: one of all, and one in each folder of a length.
final class MdsIndex {
    static final String FILE = "index.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    private MdsIndex() {}

    /// @param path below the export's folder
    record Text(String path, String json) {}

    static List<Text> of(ExportManifest manifest) {
        List<Text> texts = new ArrayList<>();
        if (manifest.export().by() == Grouping.lengths) {
            manifest.shards().stream()
                    .collect(Collectors.groupingBy(MdsIndex::folder, TreeMap::new, Collectors.toList()))
                    .forEach((folder, shards) -> texts.add(text(manifest.export(), folder, shards)));
        }
        texts.add(text(manifest.export(), "", manifest.shards()));
        return texts;
    }

    /// With its `/`.
    private static String folder(ExportedFile shard) {
        return shard.path().substring(0, shard.path().indexOf('/') + 1);
    }

    /// @param folder from which the shards are named
    private static Text text(ExportManifest.Selection export, String folder, List<ExportedFile> shards) {
        ObjectNode index = JSON.createObjectNode();
        ArrayNode list = index.putArray("shards");
        for (ExportedFile shard : shards) {
            ObjectNode entry = MdsShard.config(Shard.Columns.of(export.tokens(), shard.rowTokens()));
            ObjectNode raw = entry.putObject("raw_data");
            raw.put("basename", shard.path().substring(folder.length())).put("bytes", shard.bytes());
            raw.putObject("hashes").put("sha256", shard.sha256());
            entry.put("samples", shard.rows()).putNull("zip_data");
            list.add(entry);
        }
        index.put("version", 2);
        return new Text(folder + FILE, index.toString());
    }
}
