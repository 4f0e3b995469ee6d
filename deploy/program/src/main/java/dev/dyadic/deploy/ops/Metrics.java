package dev.dyadic.deploy.ops;

import dev.dyadic.proto.Version;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.logging.LogbackMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.List;

/// All metrics of this process, as Prometheus reads them.
final class Metrics implements AutoCloseable {
    static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";
    /// Runs that a client may open without bound do not make series without bound.
    private static final int MAX_RUNS = 200;

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final List<AutoCloseable> closeables;

    Metrics() {
        for (String name : List.of("dyadic.tokens.served", "dyadic.batches.served", "dyadic.train.loss")) {
            registry.config().meterFilter(MeterFilter.maximumAllowableTags(name, "run", MAX_RUNS, MeterFilter.deny()));
        }
        registry.gauge("dyadic.info", List.of(io.micrometer.core.instrument.Tag.of("version", Version.TEXT)), 1);
        new ClassLoaderMetrics().bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        JvmGcMetrics collections = new JvmGcMetrics();
        collections.bindTo(registry);
        LogbackMetrics logs = new LogbackMetrics();
        logs.bindTo(registry);
        this.closeables = List.of(collections, logs);
    }

    MeterRegistry registry() {
        return registry;
    }

    String scrape() {
        return registry.scrape(CONTENT_TYPE);
    }

    @Override
    public void close() {
        for (AutoCloseable closeable : closeables) {
            try {
                closeable.close();
            } catch (Exception e) {
                throw new IllegalStateException("metrics that cannot be closed", e);
            }
        }
        registry.close();
    }
}
