package dev.dyadic.deploy.audit;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Breaches by law: the first few in words, all of them counted.
final class Findings {
    private static final int MAX_SHOWN = 5;

    private final Map<Law, List<String>> shown = new EnumMap<>(Law.class);
    private final Map<Law, Long> counts = new EnumMap<>(Law.class);
    private final Map<Law, List<String>> notes = new EnumMap<>(Law.class);
    private final Map<Law, String> summaries = new EnumMap<>(Law.class);

    void breach(Law law, String what) {
        List<String> list = shown.computeIfAbsent(law, _ -> new ArrayList<>());
        if (list.size() < MAX_SHOWN) {
            list.add(what);
        }
        counts.merge(law, 1L, Long::sum);
    }

    /// What adds up, if nothing is breached.
    void summary(Law law, String what) {
        summaries.merge(law, what, (before, more) -> before + "; " + more);
    }

    /// What is said whether anything is breached or not.
    void note(Law law, String what) {
        List<String> list = notes.computeIfAbsent(law, _ -> new ArrayList<>());
        if (list.size() < MAX_SHOWN) {
            list.add(what);
        }
    }

    AuditReport report(String run) {
        List<AuditReport.LawReport> laws = new ArrayList<>();
        for (Law law : Law.values()) {
            long count = counts.getOrDefault(law, 0L);
            String detail = count == 0
                    ? summaries.getOrDefault(law, "")
                    : String.join("; ", shown.getOrDefault(law, List.of()))
                            + (count > MAX_SHOWN ? "; and " + (count - MAX_SHOWN) + " more" : "");
            detail += notes.getOrDefault(law, List.of()).stream()
                    .map(note -> "; " + note)
                    .collect(Collectors.joining());
            laws.add(new AuditReport.LawReport(law.number(), law.title(), count == 0, detail));
        }
        return new AuditReport(run, counts.isEmpty(), laws);
    }
}
