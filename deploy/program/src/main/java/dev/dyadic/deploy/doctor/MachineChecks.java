package dev.dyadic.deploy.doctor;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Java, memory, disk and ports of this machine.
public final class MachineChecks {
    private static final long MEBIBYTE = 1 << 20;
    private static final long GIBIBYTE = 1 << 30;
    private static final long LITTLE_HEAP_BYTES = 512 * MEBIBYTE;
    private static final long LEAST_DISK_BYTES = GIBIBYTE;
    private static final long LITTLE_DISK_BYTES = 10 * GIBIBYTE;

    private MachineChecks() {}

    public static Finding java() {
        return Finding.ok(
                "Java", Runtime.version() + ", " + Runtime.getRuntime().availableProcessors() + " processors");
    }

    /// @param leastBytes below which a service is refused
    public static Finding memory(long leastBytes) {
        return memory(leastBytes, Runtime.getRuntime().maxMemory(), physicalBytes());
    }

    static Finding memory(long leastBytes, long heapBytes, long physicalBytes) {
        String found = "a heap of at most %,d MiB, of %,d MiB of this machine or container"
                .formatted(heapBytes / MEBIBYTE, physicalBytes / MEBIBYTE);
        String fix = "give Java more with DYADIC_JAVA_OPTS=-Xmx1g, or the container more memory";
        if (heapBytes < leastBytes) {
            return Finding.failure("memory", found, fix);
        }
        return heapBytes < LITTLE_HEAP_BYTES ? Finding.warning("memory", found, fix) : Finding.ok("memory", found);
    }

    private static long physicalBytes() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
                ? system.getTotalMemorySize()
                : 0;
    }

    public static Finding disk(Path directory) {
        try {
            FileStore store = Files.getFileStore(directory.toAbsolutePath().normalize());
            return disk(directory, Files.isWritable(directory.toAbsolutePath().normalize()), store.getUsableSpace());
        } catch (IOException e) {
            return Finding.failure(
                    "disk", "cannot look at " + directory + ": " + e.getMessage(), "name another --data");
        }
    }

    static Finding disk(Path directory, boolean isWritable, long freeBytes) {
        String found = "%,d MiB are free at %s"
                .formatted(freeBytes / MEBIBYTE, directory.toAbsolutePath().normalize());
        if (!isWritable) {
            return Finding.failure(
                    "disk", directory.toAbsolutePath().normalize() + " is not writable", "work in another folder");
        }
        String fix = "make room, or put --data on another disk: rows need about what the text does";
        if (freeBytes < LEAST_DISK_BYTES) {
            return Finding.failure("disk", found, fix);
        }
        return freeBytes < LITTLE_DISK_BYTES ? Finding.warning("disk", found, fix) : Finding.ok("disk", found);
    }

    /// Which of the default ports something listens at already.
    ///
    /// @param ports what each is for
    public static Finding ports(Map<Integer, String> ports) {
        List<String> taken = new ArrayList<>();
        ports.forEach((port, use) -> {
            if (!isFree(port)) {
                taken.add(port + " (" + use + ")");
            }
        });
        String all = ports.keySet().stream().sorted().map(String::valueOf).collect(Collectors.joining(", "));
        return Finding.ok(
                "ports",
                taken.isEmpty()
                        ? "free on this machine: " + all
                        : "in use on this machine: " + String.join(", ", taken) + "; by Dyadic, if it runs here");
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
