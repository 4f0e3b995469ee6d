package dev.dyadic.ingest.format;

import dev.dyadic.proto.InvalidException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A text made of the path of a file within the folder that was named: `{1}` is its first part, `{-1}` the last but
/// for the name of the file, `{path}` all of it, `{name}` the name of the file, `{stem}` that without extensions.
public final class PathPattern {
    private static final Pattern PLACE = Pattern.compile("\\{(-?[0-9]{1,3}|path|name|stem)}");

    private final String pattern;

    private PathPattern(String pattern) {
        this.pattern = pattern;
    }

    /// @throws InvalidException where it has a brace that is none of a placeholder
    public static PathPattern parse(String option, String pattern) {
        String rest = PLACE.matcher(pattern).replaceAll("");
        if (rest.contains("{") || rest.contains("}") || pattern.contains("{0}")) {
            throw new InvalidException(
                    option + " must be made of text and {1}, {2}, ..., {-1}, {path}, {name} or {stem}," + " but was '"
                            + pattern + "'");
        }
        return new PathPattern(pattern);
    }

    /// @param path with slashes
    /// @throws InvalidException where the path has no such part
    public String of(String path) {
        List<String> parts = new ArrayList<>(List.of(path.split("/")));
        String name = parts.removeLast();
        Matcher places = PLACE.matcher(pattern);
        return places.replaceAll(found -> Matcher.quoteReplacement(value(found.group(1), path, name, parts)));
    }

    private String value(String place, String path, String name, List<String> folders) {
        return switch (place) {
            case "path" -> path;
            case "name" -> name;
            case "stem" -> name.indexOf('.') > 0 ? name.substring(0, name.indexOf('.')) : name;
            default -> {
                int number = Integer.parseInt(place);
                int at = number > 0 ? number - 1 : folders.size() + number;
                if (at < 0 || at >= folders.size()) {
                    throw new InvalidException("'" + pattern + "' asks for {" + place + "}, but " + path + " lies in "
                            + folders.size() + " folders below the one that was named");
                }
                yield folders.get(at);
            }
        };
    }

    @Override
    public String toString() {
        return pattern;
    }
}
