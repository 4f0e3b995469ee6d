package dev.dyadic.deploy.commands.options;

import dev.dyadic.sampler.order.Curriculum;
import java.util.Iterator;
import java.util.stream.Stream;

/// What shells complete after `--curriculum`.
public final class CurriculumNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
        return Stream.concat(Curriculum.PRESETS.stream(), Stream.of(Curriculum.CUSTOM))
                .iterator();
    }
}
