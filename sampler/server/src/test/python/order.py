"""The order of docs/order.md, version 2, slow and plain: the names follow the page.

Words are Python integers in [0, 2^64). Wherever a word comes in, a negative
integer stands for its two's complement. Records are dicts with the names of the
Avro fields. `Ledger` folds them and decides which count; `Order` has the rows of
each step of a run.
"""

from fractions import Fraction
from math import isqrt

VERSION = 2

MASK = 2**64 - 1
G = 0x9E3779B97F4A7C15


# Generator

def mix(z):
    z &= MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


class Generator:
    """SplitMix64."""

    def __init__(self, state):
        self.x = state & MASK

    def next(self):
        self.x = (self.x + G) & MASK
        return mix(self.x)

    def below(self, bound):
        """A number in [0, bound), for a bound of any size."""
        assert bound >= 1
        bits = (bound - 1).bit_length()
        while True:
            number = 0
            for _ in range((bits + 63) // 64):
                number = number * 2**64 + self.next()
            number %= 2**bits
            if number < bound:
                return number


# Keys

def key(k, *words):
    k &= MASK
    for w in words:
        k = mix((k ^ (w & MASK)) + G)
    return k


def deck_key(seed, number, log2):
    """Of the permutation of a deck; number is the cycle for live runs, the pass for bounded ones."""
    return key(seed, 1, number, log2)


def schedule_key(seed, cycle):
    return key(seed, 2, cycle, 0)


# XXH64, as in its specification, with seed 0

P1 = 11400714785074694791
P2 = 14029467366897019727
P3 = 1609587929392839161
P4 = 9650029242287828579
P5 = 2870177450012600261


def rotate(x, bits):
    return ((x << bits) | (x >> (64 - bits))) & MASK


def xxh64_round(accumulator, lane):
    return (rotate((accumulator + lane * P2) & MASK, 31) * P1) & MASK


def xxh64(data):
    data = bytes(data)
    at = 0

    def take(size):
        nonlocal at
        number = int.from_bytes(data[at:at + size], "little")
        at += size
        return number

    if len(data) >= 32:
        v = [(P1 + P2) & MASK, P2, 0, -P1 & MASK]
        while len(data) - at >= 32:
            for i in range(4):
                v[i] = xxh64_round(v[i], take(8))
        h = (rotate(v[0], 1) + rotate(v[1], 7) + rotate(v[2], 12) + rotate(v[3], 18)) & MASK
        for i in range(4):
            h = ((h ^ xxh64_round(0, v[i])) * P1 + P4) & MASK
    else:
        h = P5
    h = (h + len(data)) & MASK
    while len(data) - at >= 8:
        h = (rotate(h ^ xxh64_round(0, take(8)), 27) * P1 + P4) & MASK
    if len(data) - at >= 4:
        h = (rotate(h ^ (take(4) * P1 & MASK), 23) * P2 + P3) & MASK
    while at < len(data):
        h = (rotate(h ^ (take(1) * P5 & MASK), 11) * P1) & MASK
    h = ((h ^ (h >> 33)) * P2) & MASK
    h = ((h ^ (h >> 29)) * P3) & MASK
    return h ^ (h >> 32)


# Row digest and batch digest

def row_digest(content, offset):
    return key(content, offset)


def batch_digest(contents, step, first_row=0):
    """Of a slice of a step whose first row has place first_row."""
    total = 0
    for i, content in enumerate(contents):
        total += key(content, step, first_row + i)
    return total & MASK


# Permutation

def hi(a, b):
    return (a * b) >> 64


class Permutation:
    """P, a permutation of [0, n) keyed by k."""

    def __init__(self, n, k):
        assert n >= 1
        self.n = n
        self.a = isqrt(n - 1) + 1
        self.b = (n + self.a - 1) // self.a
        self.k = [key(k, i) for i in range(6)]

    def apply(self, x):
        assert 0 <= x < self.n
        a, b, k = self.a, self.b, self.k
        while True:
            l, r = x // b, x % b
            for i in (0, 2, 4):
                l = (l + hi(key(k[i], r), a)) % a
                r = (r + hi(key(k[i + 1], l), b)) % b
            x = l * b + r
            if x < self.n:
                return x

    def invert(self, x):
        assert 0 <= x < self.n
        a, b, k = self.a, self.b, self.k
        while True:
            l, r = x // b, x % b
            for i in (4, 2, 0):
                r = (r - hi(key(k[i + 1], l), b)) % b
                l = (l - hi(key(k[i], r), a)) % a
            x = l * b + r
            if x < self.n:
                return x


# Schedule

PRESETS = {
    "uniform": lambda i, m: 1,
    "grow-linear": lambda i, m: m - i,
    "grow-p2": lambda i, m: 2**(m - 1 - i),
    "grow-p100": lambda i, m: 100**(m - 1 - i),
    "shrink-p100": lambda i, m: 100**i,
}


def preset(name, m):
    """The odds of a preset for m buckets, shortest first."""
    return [PRESETS[name](i, m) for i in range(m)]


def schedule(steps, odds, weighting, k):
    """The bucket of each step, as an index from 0 (the shortest)."""
    assert len(steps) == len(odds) and min(odds) >= 1
    assert weighting in ("odds-times-steps", "odds")
    generator = Generator(k)
    drawn = [0] * len(steps)
    buckets = []
    for _ in range(sum(steps)):
        weights = []
        for i in range(len(steps)):
            if drawn[i] == steps[i]:
                weights.append(0)
            elif weighting == "odds":
                weights.append(odds[i])
            else:
                weights.append(odds[i] * steps[i])
        number = generator.below(sum(weights))
        bucket = 0
        while number >= weights[bucket]:
            number -= weights[bucket]
            bucket += 1
        drawn[bucket] += 1
        buckets.append(bucket)
    return buckets


def schedule_digest(log2s):
    return xxh64(log2s)


# Mixture

NO_MIXTURE = {"sources": [], "otherSources": 1, "buckets": [], "backlogTokens": 0}


def source_weight(mixture, source):
    if not mixture["sources"]:
        return 1
    for listed in mixture["sources"]:
        if listed["source"] == source:
            return listed["weight"]
    return mixture["otherSources"]


def bucket_weight(mixture, i):
    """Of the i-th bucket of the run, from 0."""
    return mixture["buckets"][i] if mixture["buckets"] else 1


def same_mixture(a, b):
    """The weight of other sources says nothing where no source is listed."""
    def said(mixture):
        return {**mixture, "otherSources": mixture["otherSources"] if mixture["sources"] else 0}

    return said(a) == said(b)


def bounded_rows(mixture, min_log2, pools):
    """How many rows of each pool a pass of a bounded run deals from: {(log2, source): rows}."""
    t = {}
    for pool in pools:
        log2, source, rows = pool["log2"], pool["source"], sum(pool["admitted"])
        if rows > 0 and source_weight(mixture, source) > 0 and bucket_weight(mixture, log2 - min_log2) > 0:
            t[log2, source] = rows * 2**log2
    if not t:
        return {}
    sources = {source: source_weight(mixture, source) for _, source in t}
    lengths = {log2: bucket_weight(mixture, log2 - min_log2) for log2, _ in t}
    part = {}
    for log2, source in t:
        of_source = Fraction(sources[source], sum(sources.values()))
        of_bucket = Fraction(lengths[log2], sum(lengths.values()))
        if mixture["sources"] and mixture["buckets"]:
            others = sum(lengths[other] for other, its in t if its == source)
            part[log2, source] = of_source * Fraction(lengths[log2], others)
        elif mixture["sources"]:
            tokens = sum(t[pool] for pool in t if pool[1] == source)
            part[log2, source] = of_source * Fraction(t[log2, source], tokens)
        elif mixture["buckets"]:
            tokens = sum(t[pool] for pool in t if pool[0] == log2)
            part[log2, source] = of_bucket * Fraction(t[log2, source], tokens)
        else:
            part[log2, source] = Fraction(t[log2, source], sum(t.values()))
    assert sum(part.values()) == 1
    least = min(t[pool] / part[pool] for pool in t)
    rows = {}
    for log2, source in t:
        number = least * part[log2, source] // 2**log2
        if number > 0:
            rows[log2, source] = number
    return rows


# Pools and decks

def utf16(name):
    """What names are sorted by."""
    return name.encode("utf-16-be", "surrogatepass")


def ascending(names):
    """Whether each comes after the one before it."""
    return all(utf16(a) < utf16(b) for a, b in zip(names, names[1:]))


def pool_order(admitted):
    """The rows of a pool as (partition, ordinal), in the order of the pool.

    admitted[c][p] is the cumulative number of rows on partition p by cycle c.
    """
    rows = []
    before = [0] * len(admitted[0])
    for now in admitted:
        for p in range(len(now)):
            for ordinal in range(before[p], now[p]):
                rows.append((p, ordinal))
        before = now
    return rows


def rows_per_step(run, log2):
    assert run["tokensPerStep"] % 2**log2 == 0
    return run["tokensPerStep"] // 2**log2


def buckets(run):
    return range(run["minLog2"], run["maxLog2"] + 1)


def bounded_decks(run, mixture, deal, seed, pools):
    """The decks of a deal of a bounded run, shortest bucket first; the seed is that of its pass."""
    c, j = run["cycles"], deal % run["cycles"]
    rows = bounded_rows(mixture, run["minLog2"], pools)
    decks = []
    for log2 in buckets(run):
        sources = sorted((source for bucket, source in rows if bucket == log2), key=utf16)
        ranges = [{"source": source, "from": 0, "to": rows[log2, source]} for source in sources]
        b = sum(r["to"] for r in ranges) // rows_per_step(run, log2)
        first, end = j * b // c, (j + 1) * b // c
        if first < end:
            decks.append({"log2": log2, "key": deck_key(seed, deal // c, log2), "ranges": ranges,
                          "firstDeckStep": first, "endDeckStep": end})
    return decks


def deck_steps(run, decks):
    """How many steps the decks of a cycle deal of each bucket."""
    steps = [0] * len(buckets(run))
    for deck in decks:
        steps[deck["log2"] - run["minLog2"]] += deck["endDeckStep"] - deck["firstDeckStep"]
    return steps


def cycle_schedule(run, policy, cycle, decks):
    """log2 of each step of a cycle."""
    drawn = schedule(deck_steps(run, decks), policy["odds"], policy["weighting"], schedule_key(run["seed"], cycle))
    return [run["minLog2"] + i for i in drawn]


def dealt_or_shed(manifests):
    """The head of each pool that has one: {(log2, source): rows}."""
    head = {}
    for m in manifests:
        ranges = [(deck["log2"], r) for deck in m["decks"] for r in deck["ranges"]]
        ranges += [(r["log2"], r) for r in m["shed"]]
        for log2, r in ranges:
            pool = log2, r["source"]
            head[pool] = max(head.get(pool, 0), r["to"])
    return head


def shed_ranges(mixture, pools, head):
    """What a live cycle sheds, where `head` is that of the pools after its decks."""
    backlog = mixture["backlogTokens"]
    shed = []
    if backlog > 0:
        for pool in pools:
            log2, source, rows = pool["log2"], pool["source"], sum(pool["admitted"])
            h, keep = head.get((log2, source), 0), backlog // 2**log2
            if rows - h > keep:
                shed.append({"log2": log2, "source": source, "from": h, "to": rows - keep})
    return shed


# Runs, and the ledger that makes them

class Cycle:
    """A cycle of a run: a manifest of its own, or an inherited one."""

    def __init__(self, manifest, offset, run_id, seed, deal, remainder, log2s):
        self.manifest = manifest
        self.offset = offset        # of the manifest, in the ledger
        self.run_id = run_id        # of the run whose manifest it is
        self.seed = seed            # of that run
        self.deal = deal
        self.remainder = remainder  # whether it is one
        self.log2s = log2s          # the schedule, of all steps of its decks
        self.first_step = manifest["firstStep"]
        self.steps = manifest["steps"]

    @property
    def end(self):
        return self.first_step + self.steps

    def below(self, step):
        """As a fork has it that has the steps below this one."""
        cycle = Cycle(self.manifest, self.offset, self.run_id, self.seed, self.deal, self.remainder, self.log2s)
        cycle.first_step = min(self.first_step, step)
        cycle.steps = min(self.end, step) - cycle.first_step
        return cycle


class Run:
    """A run as the ledger has it so far."""

    def __init__(self, record, offset, digest):
        self.record = record
        self.id = offset
        self.last = offset, digest  # its last valid manifest, or its record
        self.changed = offset       # its last amendment, or its record
        self.policy = policy(record)
        self.closed = False
        self.cycles = []
        self.remainder = []         # decks that its first manifest must have
        self.bounded = record["extent"] == "bounded"

    def horizon(self):
        """How many steps are planned."""
        return self.cycles[-1].end if self.cycles else 0

    def deal(self):
        """Of the next cycle."""
        if self.remainder:
            return self.cycles[-1].deal
        return self.cycles[-1].deal + 1 if self.cycles else 0

    def complete(self):
        """Whether it has all its cycles."""
        return self.bounded and self.deal() >= self.record["cycles"] * self.record["passes"]

    def pass_seed(self):
        """The seed of the run that dealt first of the pass of the next deal."""
        first = self.deal() // self.record["cycles"] * self.record["cycles"]
        for cycle in self.cycles:
            if cycle.deal == first and not cycle.remainder:
                return cycle.seed
        return self.record["seed"]

    def decks(self, pools):
        """The decks that the next cycle must have, if that is not the planner's affair."""
        assert self.remainder or self.bounded
        if self.remainder:
            return self.remainder
        return bounded_decks(self.record, self.policy["mixture"], self.deal(), self.pass_seed(), pools)

    def inherit(self, parent):
        """The inherited cycles, and the remainder."""
        step = self.record["parent"]["step"]
        r = step + self.record["parent"]["skip"]
        after = [i for i, cycle in enumerate(parent.cycles) if cycle.end > r]
        if not after:
            self.cycles = [cycle.below(step) for cycle in parent.cycles]
            self.remainder = parent.remainder
            return
        c = parent.cycles[after[0]]
        self.cycles = [cycle.below(step) for cycle in parent.cycles[:after[0] + 1]]
        self.remainder = []
        for deck in c.manifest["decks"]:
            drawn = c.log2s[:r - c.first_step].count(deck["log2"])
            if deck["firstDeckStep"] + drawn < deck["endDeckStep"]:
                self.remainder.append({**deck, "firstDeckStep": deck["firstDeckStep"] + drawn})


def policy(record):
    """Of a RunOpened or an Amended."""
    return {"odds": [int(o) for o in record["odds"]], "weighting": record["weighting"],
            "mixture": record["mixture"] or NO_MIXTURE}


class DoesNotCount(Exception):
    pass


def check(condition, why):
    if not condition:
        raise DoesNotCount(why)


def check_policy(record, m):
    """What "Pools and their order", "Schedule" and "Mixture" say of the policy of a run with m buckets."""
    odds, weights = policy(record)["odds"], policy(record)["mixture"]
    check(len(odds) == m and all(o >= 1 for o in odds), "there is not one odds >= 1 for each bucket")
    check(record["weighting"] in ("odds-times-steps", "odds"), "the weighting is not known")
    check(len(weights["buckets"]) in (0, m), "there is not one weight for each bucket")
    numbers = [listed["weight"] for listed in weights["sources"]] + weights["buckets"]
    check(all(n >= 0 for n in [*numbers, weights["otherSources"], weights["backlogTokens"]]), "a weight below 0")


class Ledger:
    """Folds the records, in the order of their offsets."""

    def __init__(self, partitions):
        self.partitions = partitions
        self.runs = {}   # by id
        self.names = {}  # to ids

    def fold(self, offset, kind, record, digest):
        """Why the record changes nothing, or "" if it counts; `digest` is the SHA-256 of its bytes."""
        try:
            {"RunOpened": self.opened, "Manifest": self.planned,
             "Amended": self.amended, "Closed": self.closed}[kind](offset, record, digest)
            return ""
        except DoesNotCount as e:
            return str(e)

    def order(self, name):
        return Order(self.runs[self.names[name]], self.partitions)

    def run_of(self, record):
        check(record["runId"] in self.runs, "there is no such run")
        run = self.runs[record["runId"]]
        check(run.record["orderVersion"] <= VERSION, "the run's order version is not known")
        check(not run.closed, "the run is closed")
        return run

    def opened(self, offset, record, digest):
        check(record["name"] not in self.names, "the name is taken")
        check(record["extent"] in ("bounded", "live"), "the extent is not known")
        check(len(buckets(record)) >= 1 and record["tokensPerStep"] > 0
              and record["tokensPerStep"] % 2**record["maxLog2"] == 0, "2^maxLog2 does not divide tokensPerStep")
        check_policy(record, len(buckets(record)))
        run = Run(record, offset, digest)
        if record["parent"]:
            check(record["parent"]["runId"] in self.runs, "there is no such parent")
            parent = self.runs[record["parent"]["runId"]]
            check(parent.record["orderVersion"] <= VERSION, "the parent's order version is not known")
            for name in ("tokensPerStep", "minLog2", "maxLog2", "split", "extent", "cycles", "passes",
                         "cycleTokens", "minCycleTokens", "maxWaitMillis"):
                check(record[name] == parent.record[name], "the parent has another " + name)
            for name in ("from", "until"):
                check(offsets(record[name]) == offsets(parent.record[name]), "the parent has another " + name)
            step, skip = record["parent"]["step"], record["parent"]["skip"]
            check(step >= 0 and skip >= 0, "a step or skip below 0")
            check(parent.horizon() >= step + skip, "the parent has not so many steps")
            check(not run.bounded or same_mixture(run.policy["mixture"], policy(parent.record)["mixture"]),
                  "the parent is bounded and has another mixture")
            run.inherit(parent)
        self.runs[offset] = run
        self.names[record["name"]] = offset

    def amended(self, offset, record, digest):
        run = self.run_of(record)
        check(run.record["orderVersion"] >= 2, "the run is of version 1")
        check(not run.complete(), "the run has all its cycles")
        check(run.changed < record["basis"] <= offset, "the basis is stale, or in the future")
        check(not run.bounded or same_mixture(policy(record)["mixture"], run.policy["mixture"]),
              "the run is bounded, and its mixture would change")
        check_policy(record, len(buckets(run.record)))
        run.policy = policy(record)
        run.changed = offset

    def closed(self, offset, record, digest):
        self.run_of(record).closed = True

    def planned(self, offset, m, digest):
        run = self.run_of(m)
        self.check_place(run, offset, m)
        self.check_pools(run, m)
        self.check_decks(run, m)
        if run.remainder:
            self.check_remainder(run, m)
        elif run.bounded:
            self.check_bounded(run, m)
        else:
            self.check_live(run, m)
        log2s = cycle_schedule(run.record, run.policy, m["cycle"], m["decks"])
        run.cycles.append(Cycle(m, offset, run.id, run.record["seed"], run.deal(), bool(run.remainder), log2s))
        run.remainder = []
        run.last = offset, digest

    def check_place(self, run, offset, m):
        """Rules 1 to 4."""
        check(not run.complete(), "rule 1: the run has all its cycles")
        check(m["cycle"] == len(run.cycles), "rule 2: it is not the next cycle")
        check((m["previousOffset"], m["previousDigest"]) == run.last, "rule 2: it follows another record")
        check(m["previousOffset"] < m["basis"] <= offset, "rule 3: the basis is before what it follows, or in the future")
        check(m["basis"] > run.changed, "rule 3: it does not know of an amendment")
        check(m["firstStep"] == run.horizon(), "rule 4: firstStep")

    def check_pools(self, run, m):
        """Rules 5 and 6."""
        window, least = offsets(m["window"]), offsets(run.record["from"])
        if run.cycles:
            least = offsets(run.cycles[-1].manifest["window"])
        check(len(m["window"]) == len(window), "rule 5: a bucket is there twice")
        check(set(window) == set(buckets(run.record)), "rule 5: the window's buckets")
        for log2 in window:
            check(len(window[log2]) == self.partitions, "rule 5: the window's partitions")
            check(all(a >= b for a, b in zip(window[log2], least[log2])), "rule 5: the window goes back")
        check(not run.bounded or window == offsets(run.record["until"]), "rule 5: the window is not `until`")
        admitted = counts(m)
        check(len(m["pools"]) == len(admitted), "rule 6: a pool is there twice")
        for pool in m["pools"]:
            check(pool["log2"] in buckets(run.record), "rule 6: a pool of a bucket that is not the run's")
            check(len(pool["admitted"]) == len(pool["digests"]) == self.partitions, "rule 6: a pool's partitions")
            check(min(pool["admitted"]) >= 0, "rule 6: a count below 0")
        if run.cycles:
            for pool, before in counts(run.cycles[-1].manifest).items():
                check(pool in admitted, "rule 6: a pool is missing")
                check(all(a >= b for a, b in zip(admitted[pool], before)), "rule 6: a pool has fewer rows")

    def check_decks(self, run, m):
        """Rule 7."""
        admitted = counts(m)
        check(len({deck["log2"] for deck in m["decks"]}) == len(m["decks"]), "rule 7: a bucket has two decks")
        for deck in m["decks"]:
            check(deck["log2"] in buckets(run.record), "rule 7: a deck of a bucket that is not the run's")
            check(0 <= deck["firstDeckStep"] < deck["endDeckStep"], "rule 7: a deck without steps")
            check(ascending([r["source"] for r in deck["ranges"]]), "rule 7: the sources do not ascend")
            for r in deck["ranges"]:
                rows = sum(admitted.get((deck["log2"], r["source"]), [0]))
                check(0 <= r["from"] <= r["to"] <= rows, "rule 7: a range is not of rows that the pool has")
            n = sum(r["to"] - r["from"] for r in deck["ranges"])
            check(deck["endDeckStep"] * rows_per_step(run.record, deck["log2"]) <= n, "rule 7: steps without rows")
        check(sum(deck_steps(run.record, m["decks"])) == m["steps"], "rule 7: steps")

    def check_remainder(self, run, m):
        """Rule 8, for the first manifest of a fork that has a remainder."""
        before = run.cycles[-1].manifest
        check(same(m["decks"], run.remainder), "rule 8: the decks are not the remainder")
        check(offsets(m["window"]) == offsets(before["window"]), "rule 8: the remainder's window")
        check(counts(m) == counts(before), "rule 8: the remainder's counts")
        check(not m["shed"], "rule 8: a remainder sheds nothing")

    def check_bounded(self, run, m):
        """Rule 8."""
        check(same(m["decks"], run.decks(m["pools"])), "rule 8: the decks are not those of the deal")
        check(not m["shed"], "rule 8: a bounded run sheds nothing")
        if run.cycles:
            check(counts(m) == counts(run.cycles[-1].manifest), "rule 8: the counts have changed")

    def check_live(self, run, m):
        """Rule 8."""
        mixture = run.policy["mixture"]
        manifests = [cycle.manifest for cycle in run.cycles]
        head = dealt_or_shed(manifests)
        check(m["steps"] >= 1, "rule 8: no steps")
        for deck in m["decks"]:
            log2 = deck["log2"]
            n = sum(r["to"] - r["from"] for r in deck["ranges"])
            check(deck["key"] & MASK == deck_key(run.record["seed"], m["cycle"], log2), "rule 8: a deck's key")
            check(deck["firstDeckStep"] == 0 and n == deck["endDeckStep"] * rows_per_step(run.record, log2),
                  "rule 8: a deck that is not dealt whole")
            check(bucket_weight(mixture, log2 - run.record["minLog2"]) > 0, "rule 8: a bucket of weight 0")
            for r in deck["ranges"]:
                check(r["from"] < r["to"], "rule 8: an empty range")
                check(r["from"] == head.get((log2, r["source"]), 0), "rule 8: a range that is not at the head")
                check(source_weight(mixture, r["source"]) > 0, "rule 8: a source of weight 0")
        head = dealt_or_shed(manifests + [{"decks": m["decks"], "shed": []}])
        check(same(m["shed"], shed_ranges(mixture, m["pools"], head)), "rule 8: what is shed")


def offsets(lists):
    """A window, `from` or `until`: {log2: offsets}."""
    return {o["log2"]: o["offsets"] for o in lists}


def counts(manifest):
    return {(pool["log2"], pool["source"]): pool["admitted"] for pool in manifest["pools"]}


def same(a, b):
    """Whether the decks, or shed ranges, are the same; their order has no meaning."""
    def plain(things):
        things = [{**t, "key": t["key"] & MASK} if "key" in t else t for t in things]
        return sorted(things, key=lambda t: (t["log2"], utf16(t.get("source", ""))))

    return plain(a) == plain(b)


# From a step to its rows

class Order:
    """The steps of a run that its manifests fix."""

    def __init__(self, run, partitions):
        assert run.record["orderVersion"] <= VERSION
        self.run = run
        self.partitions = partitions
        self.horizon = run.horizon()

    def pool(self, cycle, log2, source):
        """What a pool has by a cycle, as (partition, ordinal) in the order of the pool."""
        admitted = []
        for c in self.run.cycles[:cycle + 1]:
            admitted.append(counts(c.manifest).get((log2, source), [0] * self.partitions))
        return pool_order(admitted)

    def cycle(self, step):
        """The number of the cycle that has the step."""
        for number, c in enumerate(self.run.cycles):
            if c.first_step <= step < c.end:
                return number
        raise IndexError("no cycle has step %d" % step)

    def rows(self, step):
        """(log2, rows) of a step; a row is (source, partition, ordinal)."""
        number = self.cycle(step)
        c = self.run.cycles[number]
        if schedule_digest(c.log2s) != c.manifest["scheduleDigest"] & MASK:
            raise ValueError("cycle %d has another schedule" % number)
        s = step - c.first_step
        log2 = c.log2s[s]
        [deck] = [deck for deck in c.manifest["decks"] if deck["log2"] == log2]
        rows = []
        for r in deck["ranges"]:
            pool = self.pool(number, log2, r["source"])
            for partition, ordinal in pool[r["from"]:r["to"]]:
                rows.append((r["source"], partition, ordinal))
        p = Permutation(len(rows), deck["key"])
        d = deck["firstDeckStep"] + c.log2s[:s].count(log2)
        r = rows_per_step(self.run.record, log2)
        return log2, [rows[p.apply(d * r + i)] for i in range(r)]
