package dev.dyadic.sampler.gather;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/// The steps of which every row was handed out lately. They are kept for a while: tensor- and pipeline-parallel ranks
/// fetch the same rows again. Bounded in number and in bytes. Safe for use by many threads.
final class KeptSteps<K> {
    private final int maxSteps;
    private final long maxBytes;
    private final Consumer<K> drop;
    private final Map<K, Integer> bytesOf = new LinkedHashMap<>();
    private long bytes;

    /// @param drop called for what is kept no longer
    KeptSteps(int maxSteps, long maxBytes, Consumer<K> drop) {
        this.maxSteps = maxSteps;
        this.maxBytes = maxBytes;
        this.drop = drop;
    }

    /// Keeps a step, as the newest. One that is kept already stays where it is.
    synchronized void keep(K step, int stepBytes) {
        if (bytesOf.putIfAbsent(step, stepBytes) != null) {
            return;
        }
        bytes += stepBytes;
        Iterator<Map.Entry<K, Integer>> oldest = bytesOf.entrySet().iterator();
        while (bytesOf.size() > maxSteps || bytes > maxBytes) {
            Map.Entry<K, Integer> entry = oldest.next();
            oldest.remove();
            bytes -= entry.getValue();
            drop.accept(entry.getKey());
        }
    }
}
