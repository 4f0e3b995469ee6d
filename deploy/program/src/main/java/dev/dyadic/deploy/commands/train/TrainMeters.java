package dev.dyadic.deploy.commands.train;

import dev.dyadic.trainer.TrainProgress;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Optional;

/// What a trainer has done, as metrics, and whether it trains yet.
final class TrainMeters implements TrainProgress {
    private final Counter steps;
    private volatile double loss = Double.NaN;
    private volatile long step = -1;
    private volatile long tokens;
    private volatile boolean started;

    TrainMeters(MeterRegistry registry) {
        this.steps = Counter.builder("dyadic.trainer.steps")
                .description("Steps trained since the start")
                .register(registry);
        FunctionCounter.builder("dyadic.trainer.tokens", this, meters -> meters.tokens)
                .description("Positions trained on, over all starts")
                .register(registry);
        Gauge.builder("dyadic.trainer.loss", () -> loss)
                .description("Of the newest step, in nats per token")
                .register(registry);
        Gauge.builder("dyadic.trainer.step", () -> step)
                .description("The newest step of the run that was trained; -1: none yet")
                .register(registry);
    }

    @Override
    public void trained(Step trained) {
        steps.increment();
        tokens = trained.tokens();
        loss = trained.loss();
        step = trained.number();
    }

    @Override
    public void starting(Start start) {
        started = true;
    }

    /// A trainer that waits for data is ready: nothing is wrong with it.
    Optional<String> notReady() {
        return started ? Optional.empty() : Optional.of("the sampler has not described the run yet");
    }
}
