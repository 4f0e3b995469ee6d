package dev.dyadic.sampler.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.dyadic.proto.DyadicException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// No call holds what others need.
class CallBudgetTest {
    private static final int KIBIBYTE = 1 << 10;
    private static final int MAX_CALLS = 2;
    private static final int MAX_BYTES = 4096 * KIBIBYTE;

    private static final int QUARTER = MAX_BYTES / 4;
    /// Of a stream: what it may have queued counts too.
    private static final int STREAM_QUARTER = QUARTER - CallBudget.STREAM_QUEUE_BYTES;

    private final CallBudget budget = new CallBudget(MAX_CALLS, MAX_BYTES);
    private int callers;

    @Test
    void eachLaneHasPermitsOfItsOwn() {
        for (Lane lane : Lane.values()) {
            List<CallBudget.Share> shares = new ArrayList<>();
            for (int i = 0; i < budget.maxOpen(lane); i++) {
                shares.add(enter(lane, false, "a"));
            }
            assertThatThrownBy(() -> enter(lane, false, "b"))
                    .isInstanceOf(DyadicException.class)
                    .hasMessage("this sampler has at most " + budget.maxOpen(lane)
                            + " calls of this kind open at once: try again, or ask another replica");
            shares.getFirst().close();
            shares.getFirst().close();
            enter(lane, false, "b");
            assertThatThrownBy(() -> enter(lane, false, "b")).isInstanceOf(DyadicException.class);
        }
    }

    @Test
    void oneCallerLeavesAQuarterOfTheCallsToOthers() {
        for (Lane lane : Lane.values()) {
            int most = budget.maxOpen(lane) * 3 / 4;
            List<CallBudget.Share> shares = new ArrayList<>();
            for (int i = 0; i < most; i++) {
                shares.add(budget.enter(lane, false, "connection-" + i, "greedy"));
            }

            assertThatThrownBy(() -> budget.enter(lane, false, "another", "greedy"))
                    .isInstanceOf(DyadicException.class)
                    .hasMessage("one caller has at most " + most + " calls of this kind open at once, and greedy has"
                            + " them: try again, or ask another replica");
            budget.enter(lane, false, "another", "modest");
            shares.getFirst().close();
            budget.enter(lane, false, "another", "greedy");
        }
    }

    @Test
    void oneCallerLeavesAQuarterOfTheBytesToOthers() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            budget.enter(Lane.BATCHES, false, "connection-" + i, "greedy").takeBytes(QUARTER, System.nanoTime());
        }

        assertThatThrownBy(() ->
                        budget.enter(Lane.BATCHES, false, "another", "greedy").takeBytes(KIBIBYTE, System.nanoTime()))
                .hasMessageStartingWith("answers of 3145728 bytes together are on their way to this caller and");
        budget.enter(Lane.BATCHES, false, "another", "modest").takeBytes(QUARTER, System.nanoTime());
    }

    @Test
    void oneCallerLeavesAQuarterOfTheBytesOfStreamsToOthers() throws InterruptedException {
        budget.enter(Lane.BATCHES, true, "one", "greedy").takeBytes(STREAM_QUARTER, System.nanoTime());

        assertThatThrownBy(() ->
                        budget.enter(Lane.BATCHES, true, "two", "greedy").takeBytes(STREAM_QUARTER, System.nanoTime()))
                .hasMessageStartingWith(
                        "answers of 1572864 bytes together are on their way to this caller in streams and");
        budget.enter(Lane.BATCHES, true, "three", "modest").takeBytes(STREAM_QUARTER, System.nanoTime());
    }

    @Test
    void callsThatWaitKeepNobodyFromGathering() throws InterruptedException {
        for (int i = 0; i < 10; i++) {
            enter(Lane.BATCHES, true, "waiting");
        }

        int gathered = enter(Lane.BATCHES, false, "b").gather(() -> 5, System.nanoTime());

        assertThat(gathered).isEqualTo(5);
        assertThat(budget.callsInUse()).isEqualTo(11);
        assertThat(budget.callsGathering()).isZero();
        assertThat(budget.isGathering()).isTrue();
    }

    @Test
    void soManyGatherAtOnceAndNoMore() throws InterruptedException {
        CallBudget.Share share = enter(Lane.BATCHES, false, "a");

        int ends = share.gather(
                () -> share.gather(
                        () -> {
                            assertThat(budget.callsGathering()).isEqualTo(MAX_CALLS);
                            assertThatThrownBy(() -> share.gather(() -> 0, System.nanoTime()))
                                    .isInstanceOf(DyadicException.class)
                                    .hasMessageStartingWith("this sampler gathers at most 2 batches at once");
                            return 7;
                        },
                        System.nanoTime()),
                System.nanoTime());

        assertThat(ends).isEqualTo(7);
        assertThat(budget.callsGathering()).isZero();
    }

    @Test
    void oneConnectionHasAQuarterOfTheBytes() throws InterruptedException {
        CallBudget.Share first = enter(Lane.BATCHES, false, "a");
        CallBudget.Share second = enter(Lane.BATCHES, false, "a");
        first.takeBytes(QUARTER, System.nanoTime());

        assertThatThrownBy(() -> second.takeBytes(KIBIBYTE, System.nanoTime()))
                .isInstanceOf(DyadicException.class)
                .hasMessageStartingWith("answers of 1048576 bytes together are on their way over this connection and");
        enter(Lane.BATCHES, false, "b").takeBytes(QUARTER, System.nanoTime());
        first.returnBytes();
        second.takeBytes(KIBIBYTE, System.nanoTime());
    }

    @Test
    void streamsHaveHalfOfTheBytes() throws InterruptedException {
        enter(Lane.BATCHES, true, "a").takeBytes(STREAM_QUARTER, System.nanoTime());
        enter(Lane.BATCHES, true, "b").takeBytes(STREAM_QUARTER, System.nanoTime());

        assertThatThrownBy(() -> enter(Lane.BATCHES, true, "c").takeBytes(KIBIBYTE, System.nanoTime()))
                .hasMessageStartingWith(
                        "answers of 2097152 bytes together are on their way in streams and are not read");
        enter(Lane.BATCHES, false, "c").takeBytes(QUARTER, System.nanoTime());
        enter(Lane.BATCHES, false, "d").takeBytes(QUARTER, System.nanoTime());
        assertThatThrownBy(() -> enter(Lane.BATCHES, false, "e").takeBytes(KIBIBYTE, System.nanoTime()))
                .hasMessageStartingWith("answers of 4194304 bytes together are on their way and are not read");
        assertThat(budget.bytesInUse()).isEqualTo(MAX_BYTES);
    }

    @Test
    void otherAnswersHaveBytesOfTheirOwn() throws InterruptedException {
        for (String connection : List.of("a", "b", "c", "d")) {
            enter(Lane.BATCHES, false, connection).takeBytes(QUARTER, System.nanoTime());
        }

        enter(Lane.LOOKS, false, "e").takeBytes(512 * KIBIBYTE, System.nanoTime());
        enter(Lane.SCANS, false, "f").takeBytes(512 * KIBIBYTE, System.nanoTime());
        enter(Lane.CHANGES, false, "a").takeBytes(KIBIBYTE, System.nanoTime());
        enter(Lane.OPENINGS, false, "a").takeBytes(KIBIBYTE, System.nanoTime());
        assertThatThrownBy(() -> enter(Lane.LOOKS, false, "g").takeBytes(KIBIBYTE, System.nanoTime()))
                .isInstanceOf(DyadicException.class);
    }

    @Test
    void whatIsTakenAfterItsCallHasEndedIsGivenBack() throws InterruptedException {
        CallBudget.Share share = enter(Lane.BATCHES, false, "a");
        share.takeBytes(KIBIBYTE, System.nanoTime());
        share.close();
        share.takeBytes(4 * KIBIBYTE, System.nanoTime());

        assertThat(budget.bytesInUse()).isZero();
        enter(Lane.BATCHES, false, "a").takeBytes(QUARTER, System.nanoTime());
    }

    @Test
    void anAnswerThatIsLargerThanItsPartTakesAllOfItAndGivesAllBack() throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            CallBudget.Share large = enter(Lane.BATCHES, true, "a");
            large.takeBytes(MAX_BYTES, System.nanoTime());
            assertThat(budget.bytesInUse()).isEqualTo(MAX_BYTES);
            large.close();
            assertThat(budget.bytesInUse()).isZero();
        }
    }

    @Test
    void whatIsRefusedTakesNothing() throws InterruptedException {
        CallBudget.Share large = enter(Lane.BATCHES, false, "a");
        large.takeBytes(MAX_BYTES, System.nanoTime());
        CallBudget.Share other = enter(Lane.BATCHES, true, "b");
        assertThatThrownBy(() -> other.takeBytes(STREAM_QUARTER, System.nanoTime()))
                .isInstanceOf(DyadicException.class);

        large.close();

        other.takeBytes(STREAM_QUARTER, System.nanoTime());
        other.close();
        assertThat(budget.bytesInUse()).isZero();
    }

    private CallBudget.Share enter(Lane lane, boolean isStream, String connection) {
        // Each connection is that of another caller, and each call too.
        return budget.enter(lane, isStream, connection, connection + " " + ++callers);
    }
}
