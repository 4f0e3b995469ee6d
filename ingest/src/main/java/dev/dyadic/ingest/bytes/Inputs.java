package dev.dyadic.ingest.bytes;

import dev.dyadic.ingest.IngestException;
import dev.dyadic.proto.InvalidException;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.PatternSyntaxException;

/// What users name: files, folders, glob patterns, standard input.
///
/// A folder stands for all files in it and below, in the order of their names, but for hidden ones: those whose name,
/// or
/// whose folder's name, begins with a dot or, as those that Hadoop and Spark write beside their data, with `_`.
///
/// @param inputs in the order in which they are read, each once
/// @param hidden how many hidden files were left out
public record Inputs(List<Input> inputs, long hidden) {
    private static final String STANDARD_INPUT = "-";
    private static final String GLOB = "*?[{";
    private static final Comparator<Path> BY_NAME = Comparator.comparing(path -> slashed(path));

    public Inputs {
        inputs = List.copyOf(inputs);
    }

    /// @throws IngestException where a name stands for nothing
    public static Inputs of(List<String> names, InputStream standardInput) {
        Finding finding = new Finding();
        for (String name : names) {
            if (name.equals(STANDARD_INPUT)) {
                finding.found.put(name, Input.stream("standard input", standardInput));
            } else {
                finding.add(name);
            }
        }
        return new Inputs(new ArrayList<>(finding.found.values()), finding.hidden);
    }

    private static String slashed(Path path) {
        return path.toString().replace(File.separatorChar, '/');
    }

    private static final class Finding {
        private final Map<String, Input> found = new LinkedHashMap<>();
        private long hidden;

        void add(String name) {
            Path path = path(name);
            if (Files.isDirectory(path)) {
                walk(path, path, _ -> true, name);
            } else if (!Files.exists(path) && isGlob(name)) {
                Path fixed = fixedPart(name);
                walk(fixed, fixed, matcher(name), name);
            } else {
                put(Input.file(path));
            }
        }

        private void put(Input input) {
            Path file = input.file();
            if (file != null) {
                found.putIfAbsent(file.toAbsolutePath().normalize().toString(), input);
            }
        }

        private void walk(Path folder, Path top, PathMatcher matcher, String name) {
            List<Path> files = new ArrayList<>();
            try {
                Files.walkFileTree(
                        folder, EnumSet.of(FileVisitOption.FOLLOW_LINKS), Integer.MAX_VALUE, new SimpleFileVisitor<>() {
                            @Override
                            public FileVisitResult preVisitDirectory(Path at, BasicFileAttributes attributes) {
                                return !at.equals(top) && isHidden(at)
                                        ? FileVisitResult.SKIP_SUBTREE
                                        : FileVisitResult.CONTINUE;
                            }

                            @Override
                            public FileVisitResult visitFile(Path at, BasicFileAttributes attributes)
                                    throws IOException {
                                if (attributes.isSymbolicLink() && matcher.matches(at) && !isHidden(at)) {
                                    throw new NoSuchFileException(
                                            at.toString(), null, "it is a link that leads nowhere");
                                }
                                if (attributes.isRegularFile() && matcher.matches(at)) {
                                    if (isHidden(at)) {
                                        hidden++;
                                    } else {
                                        files.add(at);
                                    }
                                }
                                return FileVisitResult.CONTINUE;
                            }
                        });
            } catch (FileSystemLoopException e) {
                throw new IngestException(
                        "cannot read " + name + ": " + e.getFile() + " links to a folder above it", e);
            } catch (IOException e) {
                throw new IngestException("cannot read " + name + ": " + e.getMessage(), e);
            }
            if (files.isEmpty()) {
                throw new IngestException(
                        "cannot read " + name + ": expected files, but there is none"
                                + (hidden > 0 ? " that is not hidden" : ""),
                        null);
            }
            files.sort(BY_NAME);
            for (Path file : files) {
                put(Input.file(file, file.toString(), slashed(top.relativize(file))));
            }
        }

        private static boolean isHidden(Path path) {
            String name = String.valueOf(path.getFileName());
            return name.startsWith(".") || name.startsWith("_");
        }

        private static boolean isGlob(String name) {
            return name.chars().anyMatch(c -> GLOB.indexOf(c) >= 0);
        }

        /// The folders before the first one that has a pattern.
        private static Path fixedPart(String name) {
            int pattern = 0;
            while (GLOB.indexOf(name.charAt(pattern)) < 0) {
                pattern++;
            }
            int slash = name.lastIndexOf('/', pattern);
            Path fixed = path(slash < 0 ? "." : slash == 0 ? "/" : name.substring(0, slash));
            if (!Files.isDirectory(fixed)) {
                throw new IngestException("cannot read " + name + ": " + fixed + " is no folder", null);
            }
            return fixed;
        }

        private static PathMatcher matcher(String name) {
            String pattern = fixedPart(name).equals(Path.of(".")) && !name.startsWith("./") ? "./" + name : name;
            try {
                List<PathMatcher> all = new ArrayList<>();
                for (String variant : withAndWithoutFolders(pattern)) {
                    all.add(FileSystems.getDefault().getPathMatcher("glob:" + variant));
                }
                return path -> all.stream().anyMatch(matcher -> matcher.matches(path));
            } catch (PatternSyntaxException e) {
                throw new InvalidException("'" + name + "' is no glob pattern: " + e.getDescription());
            }
        }

        /// Two stars stand for no folder too.
        private static List<String> withAndWithoutFolders(String pattern) {
            int stars = pattern.indexOf("/**/");
            if (stars < 0) {
                return List.of(pattern);
            }
            List<String> variants = new ArrayList<>();
            for (String rest : withAndWithoutFolders(pattern.substring(stars + 3))) {
                variants.add(pattern.substring(0, stars) + "/**" + rest);
                variants.add(pattern.substring(0, stars) + rest);
            }
            return variants;
        }

        private static Path path(String name) {
            try {
                return Path.of(name);
            } catch (InvalidPathException e) {
                throw new InvalidException("'" + name + "' is no path: " + e.getReason());
            }
        }
    }
}
