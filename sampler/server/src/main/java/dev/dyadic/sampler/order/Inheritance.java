package dev.dyadic.sampler.order;

import dev.dyadic.proto.Bucket;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;

/// What a fork has of its parent: the cycles up to its step, and what the parent had planned and not dealt there.
///
/// @param cycles the parent's, cut at the fork's step
/// @param remainder decks that the parent had begun; the fork's first cycle deals the rest of them
/// @param nextDeal number of the deal that comes next; see [Passes]
record Inheritance(RunOrder parent, List<Cycle> cycles, NavigableMap<Bucket, DeckSlice> remainder, long nextDeal) {
    Inheritance {
        cycles = List.copyOf(cycles);
        remainder = Collections.unmodifiableNavigableMap(remainder);
    }

    /// @param fork checked: see [RunRules]
    static Inheritance of(RunOrder parent, ForkPoint fork) {
        synchronized (parent) {
            long resume = fork.step() + fork.skip();
            List<Cycle> cycles = new ArrayList<>();
            NavigableMap<Bucket, DeckSlice> remainder =
                    parent.pendingRemainder().orElse(new TreeMap<>());
            for (int number = 0; number < parent.cycleCount(); number++) {
                Cycle cycle = parent.cycle(number);
                cycles.add(cycle.until(fork.step()));
                if (cycle.endStep() > resume) {
                    remainder = rest(cycle, resume);
                    break;
                }
            }
            long nextDeal = cycles.isEmpty() ? 0 : parent.passes().dealAfter(cycles.size() - 1);
            return new Inheritance(parent, cycles, remainder, nextDeal);
        }
    }

    /// The decks of a cycle without the steps that come before this one.
    private static NavigableMap<Bucket, DeckSlice> rest(Cycle cycle, long step) {
        Schedule schedule = cycle.schedule();
        NavigableMap<Bucket, DeckSlice> rest = new TreeMap<>();
        cycle.decks().forEach((bucket, deck) -> {
            long first = deck.firstStep() + schedule.drawnBefore((int) (step - cycle.firstStep()), bucket);
            if (first < deck.endStep()) {
                rest.put(bucket, new DeckSlice(bucket, deck.key(), deck.ranges(), first, deck.endStep()));
            }
        });
        return rest;
    }
}
