package dev.dyadic.deploy.audit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FindingsTest {
    private final Findings findings = new Findings();

    @Test
    void everyLawIsReportedWithWhatAddsUp() {
        findings.summary(Law.AT_MOST_ONCE, "144 rows dealt");

        AuditReport report = findings.report("run");

        assertThat(report.ok()).isTrue();
        assertThat(report.laws()).hasSameSizeAs(Law.values()).allMatch(AuditReport.LawReport::ok);
        assertThat(report.laws()).anyMatch(law -> law.detail().equals("144 rows dealt"));
    }

    @Test
    void breachesAreCountedAndTheFirstAreShown() {
        for (int i = 0; i < 8; i++) {
            findings.breach(Law.AT_MOST_ONCE, "row " + i + " comes twice");
        }

        AuditReport report = findings.report("run");

        assertThat(report.ok()).isFalse();
        assertThat(report.laws().stream().filter(law -> !law.ok()))
                .singleElement()
                .satisfies(law -> assertThat(law.detail())
                        .startsWith("row 0 comes twice; row 1 comes twice")
                        .endsWith("row 4 comes twice; and 3 more"));
    }
}
