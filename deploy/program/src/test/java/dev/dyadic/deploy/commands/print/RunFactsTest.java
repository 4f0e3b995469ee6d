package dev.dyadic.deploy.commands.print;

import static org.assertj.core.api.Assertions.assertThat;

import dev.dyadic.deploy.commands.print.RunFacts.StepRows;
import dev.dyadic.v1.SamplerProto.RunDescription;
import dev.dyadic.v1.SamplerProto.RunSpec;
import org.junit.jupiter.api.Test;

class RunFactsTest {
    @Test
    void saysHowManyRowsAStepOfEachLengthHas() {
        RunSpec.Builder spec =
                RunSpec.newBuilder().setTokensPerStep(1536).setMinLength(128).setMaxLength(512);

        RunFacts facts = RunFacts.of(RunDescription.newBuilder().setSpec(spec).build());

        assertThat(facts.rowsOfStep())
                .containsExactly(new StepRows(128, 12), new StepRows(256, 6), new StepRows(512, 3));
    }
}
