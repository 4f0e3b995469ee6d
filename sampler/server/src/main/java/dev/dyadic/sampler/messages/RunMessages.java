package dev.dyadic.sampler.messages;

import com.google.protobuf.ByteString;
import dev.dyadic.proto.CorpusSettings;
import dev.dyadic.sampler.order.Cycle;
import dev.dyadic.sampler.order.LedgerState;
import dev.dyadic.sampler.order.PoolAccount;
import dev.dyadic.sampler.order.RecordDigest;
import dev.dyadic.sampler.order.Run;
import dev.dyadic.sampler.order.RunOrder;
import dev.dyadic.v1.SamplerProto.Fork;
import dev.dyadic.v1.SamplerProto.Position;
import dev.dyadic.v1.SamplerProto.RunDescription;
import dev.dyadic.v1.SamplerProto.RunPool;

/// Runs as messages.
public final class RunMessages {
    private final CorpusSettings corpus;
    private final LedgerState state;

    public RunMessages(CorpusSettings corpus, LedgerState state) {
        this.corpus = corpus;
        this.state = state;
    }

    /// A run without its pools.
    public RunDescription describe(RunOrder order) {
        Run run = order.run();
        RunDescription.Builder builder = RunDescription.newBuilder()
                .setName(run.name())
                .setRunId(run.id())
                .setSpec(SpecMessages.format(run.spec()))
                .setOrderVersion(run.orderVersion())
                .setCyclesPlanned(order.cycleCount())
                .setStepsPlanned(order.horizon())
                .setFormat(SpecMessages.format(corpus.tokenizer(), corpus.layout()))
                .setClosed(order.isClosed())
                .setInForce(SpecMessages.format(run.spec().with(run.spec().seed(), order.policy())));
        run.parent()
                .ifPresent(fork -> builder.setFork(Fork.newBuilder()
                        .setParent(nameOf(fork.runId()))
                        .setStep(fork.step())
                        .setSkip(fork.skip())));
        for (RunOrder other : state.runs()) {
            other.run()
                    .parent()
                    .filter(fork -> fork.runId() == run.id())
                    .ifPresent(_ -> builder.addForks(other.run().name()));
        }
        order.totalSteps().ifPresent(builder::setTotalSteps);
        order.lastCycle().map(Cycle::digest).map(RunMessages::bytes).ifPresent(builder::setManifestDigest);
        order.committed()
                .ifPresent(committed -> builder.setCommitted(Position.newBuilder()
                        .setRunId(run.id())
                        .setStep(committed.step())
                        .setManifestDigest(bytes(committed.manifestDigest()))));
        return builder.build();
    }

    /// A run with its pools.
    public RunDescription describeFully(RunOrder order) {
        RunDescription.Builder builder = describe(order).toBuilder();
        for (PoolAccount account : order.accounts()) {
            builder.addPools(RunPool.newBuilder()
                    .setLength(account.pool().bucket().length())
                    .setSource(account.pool().source())
                    .setAdmitted(account.admitted())
                    .setDealt(account.dealt())
                    .setPending(account.pending())
                    .setShed(account.shed()));
        }
        return builder.build();
    }

    private String nameOf(long runId) {
        return state.run(runId).map(order -> order.run().name()).orElse("");
    }

    private static ByteString bytes(RecordDigest digest) {
        return ByteString.copyFrom(digest.toArray());
    }
}
