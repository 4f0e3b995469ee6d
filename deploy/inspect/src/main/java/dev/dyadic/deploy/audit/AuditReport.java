package dev.dyadic.deploy.audit;

import java.util.List;

/// What an audit found.
public record AuditReport(String run, boolean ok, List<LawReport> laws) {
    public AuditReport {
        laws = List.copyOf(laws);
    }

    /// @param detail what adds up, or the first things that do not, each with topic, partition and offset
    public record LawReport(int law, String title, boolean ok, String detail) {}
}
