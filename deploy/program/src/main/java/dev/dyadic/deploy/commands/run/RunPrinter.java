package dev.dyadic.deploy.commands.run;

import dev.dyadic.deploy.commands.config.Nearest;
import dev.dyadic.deploy.commands.print.Output;
import dev.dyadic.deploy.commands.print.RunFacts;
import dev.dyadic.deploy.commands.print.Table;
import dev.dyadic.deploy.commands.print.Texts;
import dev.dyadic.sampler.wire.Slice;
import dev.dyadic.v1.SamplerProto.CorpusDescription;
import dev.dyadic.v1.SamplerProto.PoolDescription;
import dev.dyadic.v1.SamplerProto.RunDescription;
import dev.dyadic.v1.SamplerProto.RunPool;
import dev.dyadic.v1.SamplerProto.RunSpec;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What the commands on runs print.
final class RunPrinter {
    private RunPrinter() {}

    static void print(Output output, RunDescription run) {
        RunFacts facts = RunFacts.of(run);
        output.json(facts);
        output.text("Run %s, id %d", facts.name(), facts.id());
        fact(output, "extent", facts.extent());
        fact(output, "curriculum", facts.curriculum() + ", weighting " + facts.weighting());
        fact(output, "split", facts.split());
        fact(output, "start", facts.start());
        fact(output, "seed", facts.seed());
        fact(output, "tokens per step", facts.tokensPerStep());
        fact(
                output,
                "even ranks",
                Slice.evenWorlds(facts.tokensPerStep(), facts.maxLength()).stream()
                                .map(String::valueOf)
                                .collect(Collectors.joining(", "))
                        + " (with others, some have a row more)");
        fact(output, "lengths", facts.minLength() + ".." + facts.maxLength());
        fact(
                output,
                "rows of a step",
                facts.rowsOfStep().stream()
                                .map(step -> step.rows() + " of " + step.length())
                                .collect(Collectors.joining(", "))
                        + " (ranks beyond that train a row of weight 0)");
        fact(output, "tokenizer", facts.tokenizer() + ", " + facts.vocabularySize() + " ids");
        fact(output, "mixture", facts.mixture());
        if (!facts.forks().isEmpty()) {
            fact(output, "forks", String.join(", ", facts.forks()));
        }
        if (facts.forkedFrom() != null) {
            fact(output, "forked from", facts.forkedFrom());
        }
        if (facts.amended()) {
            fact(output, "next cycles", facts.inForce());
        }
        fact(
                output,
                "planned",
                Texts.count(facts.stepsPlanned(), "step") + " in " + Texts.count(facts.cyclesPlanned(), "cycle")
                        + (facts.closed() ? "; closed" : ""));
        fact(output, "total steps", facts.totalSteps() == null ? "not bounded" : facts.totalSteps());
        fact(output, "committed", facts.committedStep() == null ? "nothing" : "after step " + facts.committedStep());
    }

    /// Weights of a bounded run take from every pool what the scarcest one allows.
    static void warnOfShed(Output output, RunDescription run) {
        long shed = run.getPoolsList().stream().mapToLong(RunPool::getShed).sum();
        long admitted =
                run.getPoolsList().stream().mapToLong(RunPool::getAdmitted).sum();
        if (shed > 0) {
            output.note(
                    "The weights leave out %,d of %,d rows: each pool gives in proportion to the scarcest one.",
                    shed, admitted);
        }
    }

    /// A weight of a source that has no row may be a typing mistake. A live run has what the
    /// corpus has of its split and lengths.
    static void warnOfSources(Output output, RunDescription run, CorpusDescription corpus) {
        RunSpec spec = run.getSpec();
        Stream<String> there = spec.hasLive()
                ? corpus.getPoolsList().stream()
                        .filter(pool -> pool.getSplit() == spec.getSplit())
                        .filter(pool ->
                                pool.getLength() >= spec.getMinLength() && pool.getLength() <= spec.getMaxLength())
                        .map(PoolDescription::getSource)
                : run.getPoolsList().stream().map(RunPool::getSource);
        Set<String> sources = there.collect(Collectors.toCollection(TreeSet::new));
        for (String source :
                new TreeSet<>(run.getInForce().getMixture().getSourcesMap().keySet())) {
            if (!sources.contains(source)) {
                String question = Nearest.question(source, sources);
                output.note(
                        "The run has no row of source '%s', which has a weight%s",
                        source, question.isEmpty() ? "." : question);
            }
        }
    }

    static void printPools(Output output, RunDescription run) {
        if (run.getPoolsCount() == 0) {
            return;
        }
        Table table = new Table("length", "source", "admitted", "dealt", "pending", "shed");
        for (RunPool pool : run.getPoolsList()) {
            table.row(
                    pool.getLength(),
                    pool.getSource(),
                    pool.getAdmitted(),
                    pool.getDealt(),
                    pool.getPending(),
                    pool.getShed());
        }
        output.table(table);
    }

    private static void fact(Output output, String name, Object value) {
        output.text("  %-16s %s", name, value instanceof Long number ? "%,d".formatted(number) : value);
    }
}
