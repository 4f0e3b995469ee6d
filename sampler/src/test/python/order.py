"""The order of docs/order.md, slow and plain: the names follow the page.

Words are Python integers in [0, 2^64). Wherever a word comes in, a negative
integer stands for its two's complement.
"""

from math import isqrt

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


def deck_key(run, cycle, log2):
    """The key of the permutation of a deck."""
    if run["extent"] == "bounded":
        number = cycle // run["cycles"]
    else:
        number = cycle
    return key(run["seed"], 1, number, log2)


def schedule_key(run, cycle):
    return key(run["seed"], 2, cycle, 0)


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


# Pools and decks

def utf16(name):
    """What names are sorted by."""
    return name.encode("utf-16-be", "surrogatepass")


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


def deck_order(rows, k):
    """The rows of a deck, in the order of its places."""
    p = Permutation(len(rows), k)
    return [rows[p.apply(q)] for q in range(len(rows))]


def rows_per_step(run, log2):
    assert run["tokensPerStep"] % 2**log2 == 0
    return run["tokensPerStep"] // 2**log2


def bounded_decks(run, cycle, pools):
    """The decks of a cycle of a bounded run, shortest bucket first."""
    c, j = run["cycles"], cycle % run["cycles"]
    decks = []
    for log2 in range(run["minLog2"], run["maxLog2"] + 1):
        ranges = []
        for pool in sorted(pools, key=lambda pool: utf16(pool["source"])):
            if pool["log2"] == log2:
                ranges.append({"source": pool["source"], "from": 0, "to": sum(pool["admitted"])})
        b = sum(r["to"] for r in ranges) // rows_per_step(run, log2)
        first, end = j * b // c, (j + 1) * b // c
        if first < end:
            decks.append({"log2": log2, "key": deck_key(run, cycle, log2), "ranges": ranges,
                          "firstDeckStep": first, "endDeckStep": end})
    return decks


def deck_steps(run, decks):
    """How many steps the decks of a cycle deal of each bucket."""
    steps = [0] * (run["maxLog2"] - run["minLog2"] + 1)
    for deck in decks:
        steps[deck["log2"] - run["minLog2"]] += deck["endDeckStep"] - deck["firstDeckStep"]
    return steps


def cycle_schedule(run, cycle, decks):
    """log2 of each step of a cycle."""
    buckets = schedule(deck_steps(run, decks), run["odds"], run["weighting"], schedule_key(run, cycle))
    return [run["minLog2"] + i for i in buckets]


# From a step to its rows

class Order:
    """The steps of a run that its manifests fix."""

    def __init__(self, run, manifests):
        self.run = run
        self.manifests = manifests

    def pool(self, cycle, log2, source):
        """What a pool has by a cycle, as (partition, ordinal) in the order of the pool."""
        admitted = []
        for manifest in self.manifests[:cycle + 1]:
            now = [0] * self.run["partitions"]
            for pool in manifest["pools"]:
                if (pool["log2"], pool["source"]) == (log2, source):
                    now = pool["admitted"]
            admitted.append(now)
        return pool_order(admitted)

    def deck(self, cycle, log2):
        """A cycle's deck of a bucket, and its rows in the order of its places."""
        [deck] = [d for d in self.manifests[cycle]["decks"] if d["log2"] == log2]
        assert deck["key"] & MASK == deck_key(self.run, cycle, log2)
        rows = []
        for r in deck["ranges"]:
            pool = self.pool(cycle, log2, r["source"])
            for partition, ordinal in pool[r["from"]:r["to"]]:
                rows.append((r["source"], partition, ordinal))
        assert len(rows) == sum(r["to"] - r["from"] for r in deck["ranges"])
        return deck, deck_order(rows, deck["key"])

    def rows(self, step):
        """(log2, rows) of a step; a row is (source, partition, ordinal)."""
        for manifest in self.manifests:
            s = step - manifest["firstStep"]
            if 0 <= s < manifest["steps"]:
                break
        else:
            raise IndexError("no cycle has step %d" % step)
        log2s = cycle_schedule(self.run, manifest["cycle"], manifest["decks"])
        assert len(log2s) == manifest["steps"]
        assert schedule_digest(log2s) == manifest["scheduleDigest"] & MASK
        log2 = log2s[s]
        deck, rows = self.deck(manifest["cycle"], log2)
        d = deck["firstDeckStep"] + log2s[:s].count(log2)
        r = rows_per_step(self.run, log2)
        return log2, rows[d * r:d * r + r]
