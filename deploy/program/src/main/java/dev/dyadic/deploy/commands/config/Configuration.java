package dev.dyadic.deploy.commands.config;

import dev.dyadic.proto.InvalidException;
import java.io.IOException;
import java.lang.reflect.AnnotatedElement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/// The configuration file, as what options have where the command line does not say otherwise. An environment variable
/// of an option goes before it.
public final class Configuration implements IDefaultValueProvider {
    public static final String OPTION = "--config";
    public static final String VARIABLE = "DYADIC_CONFIG";
    public static final String FOUND = "dyadic.yaml";

    private static final Pattern OF_ENVIRONMENT = Pattern.compile("\\$\\{env:([A-Z_]+)");
    private static final AtomicReference<@Nullable Path> TAKEN = new AtomicReference<>();
    /// What a file cannot say: they are for one call.
    private static final Set<String> NEVER = Set.of("config", "delete", "help", "version", "yes");
    /// What means another thing for another command, so that it cannot be said for all.
    private static final Set<String> OF_ONE_COMMAND = Set.of("allow-plaintext-tokens", "data", "tls-cert", "tls-key");
    /// What ends `dev`, and so looks where that keeps its data.
    private static final String DOWN = "down";

    private static final String DEV = "dev";
    private static final String DATA = "data";
    /// Calls that have to work whatever a file says, each by a word that stands somewhere in it.
    private static final Set<String> WITHOUT = Set.of("-h", "--help", "-V", "--version");

    private static final Set<String> COMMANDS_WITHOUT = Set.of("completion", "version");
    /// A variable that an option's annotation does not name.
    private static final Map<String, String> MORE_VARIABLES = Map.of("token-file", "DYADIC_TOKEN");

    private final ConfigFile file;

    private Configuration(ConfigFile file) {
        this.file = file;
    }

    /// The file that a call names, or the environment, or that lies in the working folder; checked as a whole.
    ///
    /// @param program a new program each time, to try the values on
    /// @throws InvalidException with every mistake in it
    public static Optional<Configuration> find(
            String[] arguments, @Nullable String fromEnvironment, Path folder, Supplier<CommandLine> program) {
        if (Stream.of(arguments).anyMatch(WITHOUT::contains)
                || (arguments.length > 0 && COMMANDS_WITHOUT.contains(arguments[0]))) {
            return Optional.empty();
        }
        Optional<Path> asked = named(arguments)
                .or(() -> Optional.ofNullable(fromEnvironment).filter(name -> !name.isBlank()))
                .map(Path::of);
        Optional<Path> path = asked.or(
                () -> Optional.of(folder.resolve(FOUND)).filter(Files::exists).map(Configuration::requireOwn));
        if (path.isEmpty()) {
            return Optional.empty();
        }
        ConfigFile file = ConfigFile.read(path.get());
        List<String> mistakes = new Check(file, program.get()).mistakes();
        if (!mistakes.isEmpty()) {
            throw new InvalidException(
                    file.path() + " has mistakes, so nothing was done:\n" + String.join("\n", mistakes));
        }
        TAKEN.set(file.path().toAbsolutePath().normalize());
        return Optional.of(new Configuration(file));
    }

    /// The file that this process has taken its options from; empty: none.
    public static Optional<Path> taken() {
        return Optional.ofNullable(TAKEN.get());
    }

    /// Somebody else's file would say whom secrets are sent to.
    private static Path requireOwn(Path found) {
        try {
            String owner = Files.getOwner(found).getName();
            if (owner.equals(System.getProperty("user.name")) || owner.equals("root")) {
                return found;
            }
            throw new InvalidException(found.toAbsolutePath() + " belongs to " + owner
                    + ", so it is not taken just because it is here; name it with " + OPTION + ", or work elsewhere");
        } catch (IOException e) {
            throw new InvalidException("cannot look at " + found.toAbsolutePath() + ": " + e.getMessage(), e);
        }
    }

    public Path path() {
        return file.path();
    }

    private static Optional<String> named(String[] arguments) {
        for (int i = 0; i < arguments.length && !arguments[i].equals("--"); i++) {
            if (arguments[i].startsWith(OPTION + "=")) {
                return Optional.of(arguments[i].substring(OPTION.length() + 1));
            }
            if (arguments[i].equals(OPTION) && i + 1 < arguments.length) {
                return Optional.of(arguments[i + 1]);
            }
        }
        return Optional.empty();
    }

    @Override
    public @Nullable String defaultValue(ArgSpec argument) {
        if (!(argument instanceof OptionSpec option) || isInEnvironment(option)) {
            return null;
        }
        String words = words(option.command().qualifiedName(" "));
        return file.find(words, name(option))
                .or(() -> words.equals(DOWN) && name(option).equals(DATA) ? file.find(DEV, DATA) : Optional.empty())
                .map(ConfigFile.Entry::value)
                .orElse(null);
    }

    private static boolean isInEnvironment(OptionSpec option) {
        if (!(option.userObject() instanceof AnnotatedElement field)) {
            return false;
        }
        String more = MORE_VARIABLES.get(name(option));
        if (more != null && System.getenv(more) != null) {
            return true;
        }
        CommandLine.Option annotation = field.getAnnotation(CommandLine.Option.class);
        Matcher matcher = OF_ENVIRONMENT.matcher(annotation == null ? "" : annotation.defaultValue());
        return matcher.lookingAt() && System.getenv(matcher.group(1)) != null;
    }

    /// The words of a command, without that of the program.
    private static String words(String qualifiedName) {
        int space = qualifiedName.indexOf(' ');
        return space < 0 ? "" : qualifiedName.substring(space + 1);
    }

    private static String name(OptionSpec option) {
        return option.longestName().substring(2);
    }

    /// Looks at every entry before anything is done.
    private static final class Check {
        private final ConfigFile file;
        private final CommandLine trial;
        /// The options that each command has, by its words.
        private final Map<String, List<String>> commands = new LinkedHashMap<>();
        /// By their lines.
        private final Map<Integer, List<String>> mistakes = new TreeMap<>();

        Check(ConfigFile file, CommandLine trial) {
            this.file = file;
            this.trial = trial;
            // What stands for all commands may stand for one of them, too.
            trial.setOverwrittenOptionsAllowed(true);
            collect("", trial);
        }

        private void collect(String words, CommandLine command) {
            commands.put(
                    words,
                    command.getCommandSpec().options().stream()
                            .map(Configuration::name)
                            .filter(name -> !NEVER.contains(name))
                            .toList());
            command.getSubcommands().forEach((name, sub) -> collect(words.isEmpty() ? name : words + " " + name, sub));
        }

        List<String> mistakes() {
            Map<String, List<ConfigFile.Entry>> byCommand = new LinkedHashMap<>();
            for (ConfigFile.Entry entry : file.entries()) {
                List<String> having = commandsThatHave(entry);
                if (having.isEmpty()) {
                    add(entry.line(), unknown(entry));
                } else if (entry.command().isEmpty() && OF_ONE_COMMAND.contains(entry.option())) {
                    add(
                            entry.line(),
                            "'" + entry.option() + "' means another thing for another command: put it below one of "
                                    + String.join(", ", having));
                }
                having.forEach(words ->
                        byCommand.computeIfAbsent(words, _ -> new ArrayList<>()).add(entry));
            }
            byCommand.forEach(this::tryValues);
            return mistakes.entrySet().stream()
                    .flatMap(mistake ->
                            mistake.getValue().stream().map(text -> "line " + mistake.getKey() + ": " + text))
                    .toList();
        }

        private void add(int line, String mistake) {
            List<String> ofLine = mistakes.computeIfAbsent(line, _ -> new ArrayList<>());
            if (!ofLine.contains(mistake)) {
                ofLine.add(mistake);
            }
        }

        private List<String> commandsThatHave(ConfigFile.Entry entry) {
            return commands.keySet().stream()
                    .filter(words -> entry.command().isEmpty() || words.equals(entry.command()))
                    .filter(words -> options(words).contains(entry.option()))
                    .toList();
        }

        private String unknown(ConfigFile.Entry entry) {
            if (NEVER.contains(entry.option())) {
                return "'" + entry.option() + "' is for one call, and cannot stand in a file";
            }
            if (entry.command().isEmpty()) {
                Set<String> all = new TreeSet<>(commands.keySet());
                commands.keySet().forEach(words -> all.addAll(options(words)));
                return "no command has an option '" + entry.option() + "'" + Nearest.question(entry.option(), all);
            }
            if (!commands.containsKey(entry.command())) {
                int last = entry.command().lastIndexOf(' ');
                String parent = last < 0 ? "" : entry.command().substring(0, last);
                String word = entry.command().substring(last + 1);
                return options(parent).contains(word)
                        ? "'" + word + "' has one value, as on a command line, such as " + entry.option() + "="
                                + entry.value()
                        : "there is no command '" + entry.command() + "'"
                                + Nearest.question(entry.command(), commands.keySet());
            }
            return "'" + entry.command() + "' has no option '" + entry.option() + "'"
                    + Nearest.question(entry.option(), options(entry.command()));
        }

        private List<String> options(String words) {
            return commands.getOrDefault(words, List.of());
        }

        /// Tries the values on a program of its own, as if they stood on a command line.
        private void tryValues(String words, List<ConfigFile.Entry> entries) {
            List<String> arguments = new ArrayList<>(words.isEmpty() ? List.of() : List.of(words.split(" ", -1)));
            entries.forEach(entry -> arguments.add("--" + entry.option() + "=" + entry.value()));
            for (Exception failure : Trial.errors(trial, arguments)) {
                if (!(failure instanceof MissingParameterException)) {
                    add(line(failure, entries), String.valueOf(failure.getMessage()));
                }
            }
        }

        private static int line(Exception failure, List<ConfigFile.Entry> entries) {
            return entries.stream()
                    .filter(entry -> failure instanceof ParameterException wrong
                            && wrong.getArgSpec() instanceof OptionSpec option
                            && name(option).equals(entry.option()))
                    .findFirst()
                    .orElseGet(entries::getFirst)
                    .line();
        }
    }
}
