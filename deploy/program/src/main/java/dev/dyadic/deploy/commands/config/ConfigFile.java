package dev.dyadic.deploy.commands.config;

import dev.dyadic.proto.InvalidException;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/// What a file says of options: `kafka: broker:9092` of all commands that have `--kafka`, and below the name of a
/// command, of that one.
///
/// @param entries in the order of the file
public record ConfigFile(Path path, List<ConfigFile.Entry> entries) {
    /// @param command the words of the command, such as `run open`; empty: every command that has the option
    /// @param option its name without dashes
    /// @param value as after the option on a command line; the elements of a list with commas between them
    /// @param line from 1 on
    public record Entry(String command, String option, String value, int line) {}

    public ConfigFile {
        entries = List.copyOf(entries);
    }

    private static final int MOST_WORDS = 3;

    /// @throws InvalidException where it cannot be read, or is no YAML of this shape
    public static ConfigFile read(Path path) {
        Node root;
        try (Reader reader = Files.newBufferedReader(path)) {
            root = new Yaml(new LoaderOptions()).compose(reader);
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
            throw new InvalidException(
                    "expected YAML, but " + path + " is none at line " + line + ": " + e.getProblem());
        } catch (NoSuchFileException e) {
            throw new InvalidException("there is no configuration file " + path);
        } catch (CharacterCodingException e) {
            throw new InvalidException("expected UTF-8 in the configuration " + path + ", but it is something else");
        } catch (IOException | YAMLException e) {
            throw new InvalidException("cannot read the configuration " + path + ": " + e.getMessage());
        }
        List<Entry> entries = new ArrayList<>();
        if (root != null && !Tag.NULL.equals(root.getTag())) {
            append("", mapping(path, root, "options and their values"), path, entries);
        }
        return new ConfigFile(path, entries);
    }

    /// What stands for an option of a command: of the command itself, or else of all.
    public Optional<Entry> find(String command, String option) {
        return find(entry -> entry.command().equals(command), option)
                .or(() -> find(entry -> entry.command().isEmpty(), option));
    }

    private Optional<Entry> find(Predicate<Entry> where, String option) {
        return entries.stream()
                .filter(entry -> entry.option().equals(option))
                .filter(where)
                .findFirst();
    }

    private static void append(String command, MappingNode options, Path path, List<Entry> entries) {
        for (NodeTuple tuple : options.getValue()) {
            String name = scalar(path, tuple.getKeyNode(), "the name of an option or a command");
            Node value = tuple.getValueNode();
            if (value instanceof MappingNode section) {
                // Commands have two words; an alias can lead into itself.
                if (command.split(" ", -1).length > MOST_WORDS) {
                    throw new InvalidException("expected options below a command in " + path + ", but line "
                            + line(value) + " goes deeper");
                }
                append(command.isEmpty() ? name : command + " " + name, section, path, entries);
                continue;
            }
            Entry entry = new Entry(command, name, value(path, name, value), line(tuple.getKeyNode()));
            entries.stream()
                    .filter(other ->
                            other.command().equals(command) && other.option().equals(name))
                    .findFirst()
                    .ifPresent(other -> {
                        throw new InvalidException("expected each option once, but " + path + " has " + name
                                + " in lines " + other.line() + " and " + entry.line());
                    });
            entries.add(entry);
        }
    }

    private static String value(Path path, String name, Node value) {
        if (value instanceof SequenceNode list) {
            return list.getValue().stream()
                    .map(element -> scalar(path, element, "a value of " + name))
                    .collect(Collectors.joining(","));
        }
        return scalar(path, value, "a value of " + name);
    }

    private static MappingNode mapping(Path path, Node node, String what) {
        if (node instanceof MappingNode mapping) {
            return mapping;
        }
        throw expected(path, node, what + ", such as 'kafka: broker:9092'");
    }

    private static String scalar(Path path, Node node, String what) {
        if (node instanceof ScalarNode scalar && !Tag.NULL.equals(scalar.getTag())) {
            return scalar.getValue();
        }
        throw expected(path, node, what);
    }

    private static InvalidException expected(Path path, Node node, String what) {
        String came = Tag.NULL.equals(node.getTag()) ? "nothing" : "a " + node.getNodeId();
        return new InvalidException(
                "expected " + what + " in " + path + " at line " + line(node) + ", but it is " + came);
    }

    private static int line(Node node) {
        return node.getStartMark().getLine() + 1;
    }
}
