package dev.dyadic.ingest.bytes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.ingest.IngestException;
import dev.dyadic.proto.InvalidException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InputsTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void makeTree() throws IOException {
        for (String path : new String[] {
            "b/two.jsonl",
            "a/c/three.jsonl.gz",
            "a/one.parquet",
            ".git/config",
            "a/.one.crc",
            "_SUCCESS",
            "b/_tmp/x.jsonl"
        }) {
            Path file = folder.resolve(path);
            Files.createDirectories(file.getParent());
            Files.writeString(file, path);
        }
    }

    @Test
    void aFolderStandsForWhatIsInItInTheOrderOfNames() {
        Inputs found = find(folder.toString());

        assertThat(found.inputs())
                .extracting(Input::path)
                .containsExactly("a/c/three.jsonl.gz", "a/one.parquet", "b/two.jsonl");
        assertThat(found.hidden()).isEqualTo(2);
    }

    @Test
    void patternsStandForFilesWhosePathsFit() {
        assertThat(find(folder + "/**/*.jsonl").inputs())
                .extracting(Input::path)
                .containsExactly("b/two.jsonl");
        assertThat(find(folder + "/a/*").inputs()).extracting(Input::path).containsExactly("one.parquet");
        assertThat(find(folder + "/{a,b}/**/*.{gz,jsonl}").inputs())
                .extracting(Input::path)
                .containsExactly("a/c/three.jsonl.gz", "b/two.jsonl");
    }

    @Test
    void twoStarsStandForAnyFoldersAndForNone() throws IOException {
        Path deep = folder.resolve("a/b/x/c.jsonl");
        Files.createDirectories(deep.getParent());
        Files.writeString(deep, "{}");

        assertThat(find(folder + "/**/a/**/b/**/c.jsonl").inputs()).hasSize(1);
        assertThat(find(folder + "/a/**/x/**/c.jsonl").inputs()).hasSize(1);
    }

    @Test
    void aLinkThatLeadsNowhereIsAnError() throws IOException {
        Files.createSymbolicLink(folder.resolve("b/broken.jsonl"), folder.resolve("nowhere"));

        assertThatThrownBy(() -> find(folder + "/b"))
                .isInstanceOf(IngestException.class)
                .hasMessageEndingWith("broken.jsonl: it is a link that leads nowhere");
    }

    @Test
    void eachFileIsReadOnce() {
        assertThat(find(folder + "/b/two.jsonl", folder.toString(), folder + "/b/../b/two.jsonl")
                        .inputs())
                .extracting(Input::path)
                .containsExactly("two.jsonl", "a/c/three.jsonl.gz", "a/one.parquet");
    }

    @Test
    void aFileMayHaveANameThatLooksLikeAPattern() throws IOException {
        Files.writeString(folder.resolve("x[1].jsonl"), "{}");

        assertThat(find(folder + "/x[1].jsonl").inputs()).hasSize(1);
    }

    @Test
    void linksAreFollowed() throws IOException {
        Files.createSymbolicLink(folder.resolve("b/link.jsonl"), folder.resolve("b/two.jsonl"));
        assertThat(find(folder + "/b").inputs()).extracting(Input::path).containsExactly("link.jsonl", "two.jsonl");

        Files.createSymbolicLink(folder.resolve("b/up"), folder);
        assertThatThrownBy(() -> find(folder + "/b"))
                .isInstanceOf(IngestException.class)
                .hasMessageEndingWith("links to a folder above it");
    }

    @Test
    void whatStandsForNothingIsAnError() throws IOException {
        Files.createDirectories(folder.resolve("empty"));

        assertThatThrownBy(() -> find(folder + "/none.jsonl"))
                .isInstanceOf(IngestException.class)
                .hasMessage("cannot read " + folder + "/none.jsonl: expected a readable file, but it does not exist");
        assertThatThrownBy(() -> find(folder + "/empty"))
                .hasMessage("cannot read " + folder + "/empty: expected files, but there is none");
        assertThatThrownBy(() -> find(folder + "/*.csv")).isInstanceOf(IngestException.class);
        assertThatThrownBy(() -> find(folder + "/{a")).isInstanceOf(InvalidException.class);
    }

    private static Inputs find(String... names) {
        return Inputs.of(List.of(names), InputStream.nullInputStream());
    }
}
