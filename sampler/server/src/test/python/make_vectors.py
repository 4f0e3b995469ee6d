"""Writes docs/order-vectors.json, the test vectors of docs/order.md.

64-bit words are decimal strings of their unsigned value, and so are bounds,
draws and odds; all else is a JSON number. Run it with Python 3.11 or later;
every run writes the same bytes.

"runs" are runs of version 1 with their rows; "ledgers" are ledgers whose
records count or do not, with the steps of their runs. In ledgers the offset of
a record is its place in the list. What is not in the file is the same
everywhere: `from` is 0, `until` and `window` are 1000, for every bucket and
partition, and `previousDigest` is that of the record that `previousOffset` names.
"""

import hashlib
import json
from pathlib import Path

import order
from order import G, MASK, Generator, Permutation, key

TARGET = Path(__file__).resolve().parents[5] / "docs" / "order-vectors.json"


def word(w):
    return str(w & MASK)


def strings(numbers):
    return [str(n) for n in numbers]


# The small parts

def generators():
    cases = []
    for seed in (0, 1, 1234567, MASK):
        g = Generator(seed)
        cases.append({"seed": word(seed), "next": [word(g.next()) for _ in range(10)]})
    known = ["6457827717110365317", "3203168211198807973", "9817491932198370423"]
    assert cases[2]["next"][:3] == known
    return cases


def below():
    cases = []
    for bound in (1, 2, 3, 10, 1000, 2**32 + 1, 2**63 - 1, 2**64, 2**64 + 1, 10**30):
        for seed in (42, MASK - 7):
            g = Generator(seed)
            draws = [g.below(bound) for _ in range(12)]
            assert all(0 <= d < bound for d in draws)
            cases.append({"seed": word(seed), "bound": str(bound), "draws": strings(draws)})
    return cases


def keys():
    cases = []
    for k, words in ((0, []), (5, []), (0, [0]), (0, [1]), (1, [0]), (7, [1, 2, 3]), (7, [3, 2, 1]),
                     (MASK, [-1]), (G, [0, 0, 0]), (2**63, [-2**63, 2**63 - 1]), (123456789, [1, 0, 8]),
                     (123456789, [2, 0, 0]), (-3, [1, 4, 13]), (99, [-1, -2, -3, 4])):
        cases.append({"key": word(k), "words": [word(w) for w in words], "result": word(key(k, *words))})
    return cases


def xxh64():
    """Byte i of the input is the lowest byte of mix(i)."""
    assert order.xxh64(b"") == 0xEF46DB3751D8E999
    assert order.xxh64(b"abc") == 0x44BC2CF5AD770999
    assert order.xxh64(b"Nobody inspects the spammish repetition") == 0xFBCEA83C8A378BF1
    cases = []
    for length in (0, 1, 3, 4, 8, 31, 32, 33, 130, 1000):
        data = bytes(order.mix(i) & 255 for i in range(length))
        cases.append({"hex": data.hex(), "digest": word(order.xxh64(data))})
    return cases


def permutations():
    some_keys = (0, 0x0123456789ABCDEF, MASK)
    for n in list(range(1, 70)) + [99, 100, 101, 1000]:
        for k in some_keys:
            p = Permutation(n, k)
            assert sorted(p.apply(x) for x in range(n)) == list(range(n))
    cases = []
    for n in (1, 2, 3, 4, 5, 7, 10, 63, 64, 65, 1000, 1000003, 2**40 + 15):
        for k in some_keys:
            p = Permutation(n, k)
            last = range(max(0, n - 1000), n)
            for x in list(range(min(n, 1000))) + list(last):
                assert p.invert(p.apply(x)) == x and p.apply(p.invert(x)) == x
            cases.append({"n": n, "key": word(k), "apply": [p.apply(x) for x in range(min(n, 40))]})
    return cases


def schedule_case(min_log2, steps, odds, weighting, k):
    buckets = order.schedule(steps, odds, weighting, k)
    assert [buckets.count(i) for i in range(len(steps))] == steps
    log2s = [min_log2 + i for i in buckets]
    return {"minLog2": min_log2, "steps": steps, "odds": strings(odds), "weighting": weighting, "key": word(k),
            "log2s": log2s, "digest": word(order.schedule_digest(log2s))}


def schedules():
    both = ("odds-times-steps", "odds")
    cases = []
    for name in order.PRESETS:
        for m, steps in ((1, [5]), (2, [9, 6]), (3, [12, 7, 11]), (6, [4, 13, 1, 9, 10, 6])):
            for weighting in both:
                cases.append(schedule_case(8, steps, order.preset(name, m), weighting, key(m, len(cases))))
    for weighting in both:
        huge = [10**40, 3 * 10**39 + 1, 2**64 + 1, 1]
        cases.append(schedule_case(5, [8, 30, 5, 4], huge, weighting, 11))
        cases.append(schedule_case(8, [3] * 12, order.preset("shrink-p100", 12), weighting, 12))
        cases.append(schedule_case(8, [0, 10, 0, 12, 0], order.preset("grow-p2", 5), weighting, MASK))
        cases.append(schedule_case(8, [0, 0], [1, 1], weighting, 13))
        cases.append(schedule_case(8, [0, 1, 0], [5, 1, 5], weighting, 14))
        cases.append(schedule_case(8, [150, 90, 60, 40], order.preset("grow-p2", 4), weighting, 15))
    return cases


def row_digests():
    cases = []
    for content, offset in ((0, 0), (0, 1), (1, 0), (MASK, 0), (order.xxh64(b""), 7), (2**63, 2**40), (G, 123456789)):
        cases.append({"content": word(content), "offset": offset, "digest": word(order.row_digest(content, offset))})
    return cases


def batch_digests():
    g = Generator(2024)
    contents = [g.next() for _ in range(8)]
    cases = []
    for rows, step, first in (([], 3, 0), ([0], 0, 0), ([MASK, MASK], 1, 0), (contents, 77, 0), (contents[:3], 77, 0),
                              (contents[3:], 77, 3), (contents[::-1], 77, 0), (contents, 2**40, 1000)):
        cases.append({"contents": [word(c) for c in rows], "step": step, "firstRow": first,
                      "digest": word(order.batch_digest(rows, step, first))})
    whole, head, tail = (int(cases[i]["digest"]) for i in (3, 4, 5))
    assert (head + tail) & MASK == whole
    return cases


# Runs: first the length topics, row by row; then manifests that count them

START = 5  # `from` of every bucket and partition


class Topics:
    """Rows as (source, split, content), per bucket and partition; the place in the list is the offset."""

    def __init__(self, run):
        self.run = run
        self.g = Generator(run["seed"])
        self.rows = {}
        for log2 in range(run["minLog2"], run["maxLog2"] + 1):
            for p in range(run["partitions"]):
                self.rows[log2, p] = [("early", "train", 0)] * START

    def add(self, counts):
        """Appends rows, shuffled; counts[log2, source] has their number on each partition."""
        for (log2, p), rows in self.rows.items():
            new = []
            for (bucket, source), numbers in counts.items():
                if bucket == log2:
                    new += [(source, "train")] * numbers[p]
                    new += [(source, "valid")] * (numbers[p] // 3)
            while new:
                source, split = new.pop(self.g.below(len(new)))
                rows.append((source, split, self.g.next()))

    def window(self):
        return {at: len(rows) for at, rows in self.rows.items()}

    def pool(self, log2, source, p, end):
        """Offsets of the rows of a pool on a partition, before an offset."""
        rows = self.rows[log2, p]
        return [o for o in range(START, end) if rows[o][:2] == (source, "train")]

    def pools(self, window):
        """What a manifest with this window says of the pools."""
        sources = {row[0] for rows in self.rows.values() for row in rows if row[0] != "early"}
        pools = []
        for log2 in range(self.run["minLog2"], self.run["maxLog2"] + 1):
            for source in sorted(sources, key=order.utf16):
                admitted, digests = [], []
                for p in range(self.run["partitions"]):
                    offsets = self.pool(log2, source, p, window[log2, p])
                    admitted.append(len(offsets))
                    digests.append(sum(order.row_digest(self.rows[log2, p][o][2], o) for o in offsets) & MASK)
                if sum(admitted) > 0:
                    pools.append({"log2": log2, "source": source, "admitted": admitted, "digests": digests})
        return pools


def add_manifest(run, manifests, pools, decks):
    cycle = len(manifests)
    log2s = order.cycle_schedule(run, run, cycle, decks)
    manifests.append({"cycle": cycle, "firstStep": sum(m["steps"] for m in manifests), "steps": len(log2s),
                      "scheduleDigest": order.schedule_digest(log2s), "pools": pools, "decks": decks})


def bounded_run():
    """The second source is first by code point, and second by UTF-16 unit."""
    run = {"seed": MASK - 41, "tokensPerStep": 4096, "minLog2": 8, "maxLog2": 10, "partitions": 3,
           "odds": order.preset("grow-p2", 3), "weighting": "odds-times-steps",
           "extent": "bounded", "cycles": 3, "passes": 2}
    books, web = "\U0001F4D8books", "\uFF37eb"
    topics = Topics(run)
    topics.add({(8, books): [20, 31, 17], (8, web): [9, 14, 22],
                (9, books): [13, 0, 8], (9, web): [4, 3, 7],
                (10, web): [3, 0, 7]})
    manifests = []
    window = topics.window()
    for cycle in range(run["cycles"] * run["passes"]):
        pools = topics.pools(window)
        add_manifest(run, manifests, pools, order.bounded_decks(run, order.NO_MIXTURE, cycle, run["seed"], pools))
    assert [d["log2"] for d in manifests[0]["decks"]] == [8, 9]
    return run, manifests, topics, [window] * len(manifests)


# Of each cycle of the live run: the rows that come, per partition, and the rows that are dealt.
LIVE = [
    ({(8, "books"): [7, 4], (8, "web"): [5, 6], (9, "books"): [3, 2], (10, "web"): [2, 1]},
     {(8, "books"): 11, (8, "web"): 5, (9, "books"): 4, (10, "web"): 2}),
    ({(8, "books"): [2, 3], (8, "web"): [4, 1], (9, "books"): [0, 3], (9, "web"): [4, 2]},
     {(8, "books"): 5, (8, "web"): 11, (9, "books"): 2, (9, "web"): 6}),
    ({(8, "books"): [3, 2], (8, "web"): [5, 4], (9, "books"): [1, 0], (10, "books"): [1, 2], (10, "web"): [1, 1]},
     {(8, "web"): 8, (10, "books"): 3, (10, "web"): 1}),
    ({(8, "books"): [4, 0], (8, "web"): [2, 4], (9, "books"): [2, 3], (9, "web"): [1, 1],
      (10, "books"): [0, 1], (10, "web"): [2, 0]},
     {(8, "books"): 9, (8, "web"): 7, (9, "books"): 7, (9, "web"): 1, (10, "books"): 1, (10, "web"): 3}),
]


def live_run():
    run = {"seed": 20240607, "tokensPerStep": 1024, "minLog2": 8, "maxLog2": 10, "partitions": 2,
           "odds": order.preset("grow-linear", 3), "weighting": "odds", "extent": "live", "cycles": 0, "passes": 0}
    topics = Topics(run)
    dealt = {}
    manifests, windows = [], []
    for cycle, (come, deal) in enumerate(LIVE):
        topics.add(come)
        windows.append(topics.window())
        decks = []
        for log2 in range(run["minLog2"], run["maxLog2"] + 1):
            ranges = []
            for source in ("books", "web"):
                if (log2, source) in deal:
                    start = dealt.get((log2, source), 0)
                    dealt[log2, source] = end = start + deal[log2, source]
                    ranges.append({"source": source, "from": start, "to": end})
            if ranges:
                n = sum(r["to"] - r["from"] for r in ranges)
                decks.append({"log2": log2, "key": order.deck_key(run["seed"], cycle, log2), "ranges": ranges,
                              "firstDeckStep": 0, "endDeckStep": n // order.rows_per_step(run, log2)})
        add_manifest(run, manifests, topics.pools(windows[-1]), decks)
    return run, manifests, topics, windows


# Checks of runs against the page

def check_validity(run, manifests):
    """The rules of "Validity" that concern pools and decks."""
    admitted, dealt, steps = {}, {}, 0
    for cycle, m in enumerate(manifests):
        assert m["cycle"] == cycle and m["firstStep"] == steps
        steps += m["steps"]
        now = {(p["log2"], p["source"]): p["admitted"] for p in m["pools"]}
        for pool, counts in admitted.items():
            assert all(a <= b for a, b in zip(counts, now[pool], strict=True))
        assert run["extent"] == "live" or cycle == 0 or now == admitted
        admitted = now
        assert sum(order.deck_steps(run, m["decks"])) == m["steps"] >= 1
        assert len({d["log2"] for d in m["decks"]}) == len(m["decks"])
        for deck in m["decks"]:
            n = sum(r["to"] - r["from"] for r in deck["ranges"])
            r = order.rows_per_step(run, deck["log2"])
            assert 0 <= deck["firstDeckStep"] < deck["endDeckStep"] and deck["endDeckStep"] * r <= n
            names = [order.utf16(x["source"]) for x in deck["ranges"]]
            assert names == sorted(set(names))
            for x in deck["ranges"]:
                pool = deck["log2"], x["source"]
                assert 0 <= x["from"] < x["to"] <= sum(admitted[pool])
                if run["extent"] == "live":
                    assert x["from"] == dealt.get(pool, 0)
                    dealt[pool] = x["to"]
            if run["extent"] == "live":
                assert deck["firstDeckStep"] == 0 and n == deck["endDeckStep"] * r
        if run["extent"] == "bounded":
            assert m["decks"] == order.bounded_decks(run, order.NO_MIXTURE, cycle, run["seed"], m["pools"])


def offset_lists(run, at):
    """As records have them: at(log2, partition), for each bucket."""
    return [{"log2": log2, "offsets": [at(log2, p) for p in range(run["partitions"])]} for log2 in order.buckets(run)]


def order_of(run, manifests, windows):
    """Of a run of version 1, from a ledger that has nothing else."""
    ledger = order.Ledger(run["partitions"])
    until = offset_lists(run, lambda *at: windows[-1][at]) if run["extent"] == "bounded" else []
    opened = {**run, "name": "run", "orderVersion": 1, "split": "train", "mixture": None, "parent": None,
              "from": offset_lists(run, lambda *at: START), "until": until}
    why = ledger.fold(0, "RunOpened", opened, b"0")
    assert why == "", why
    for o, (m, window) in enumerate(zip(manifests, windows, strict=True), 1):
        record = {**m, "runId": 0, "previousOffset": o - 1, "previousDigest": b"%d" % (o - 1), "basis": o,
                  "window": offset_lists(run, lambda *at: window[at]), "shed": []}
        why = ledger.fold(o, "Manifest", record, b"%d" % o)
        assert why == "", why
    return ledger.order("run")


def check_pools(run, manifests, topics, windows):
    """The order of each pool is that of (first window that holds the row, partition, offset)."""
    for pool in manifests[-1]["pools"]:
        log2, source = pool["log2"], pool["source"]
        rows = []
        for p in range(run["partitions"]):
            for ordinal, offset in enumerate(topics.pool(log2, source, p, windows[-1][log2, p])):
                first = min(c for c, window in enumerate(windows) if offset < window[log2, p])
                rows.append((first, p, offset, ordinal))
        expected = [(p, ordinal) for first, p, offset, ordinal in sorted(rows)]
        assert order_of(run, manifests, windows).pool(len(manifests) - 1, log2, source) == expected


def check_steps(run, manifests, steps):
    """Steps have their number of rows; no row is dealt twice in a pass; what is not dealt is what should not be."""
    per_pass = run["cycles"] if run["extent"] == "bounded" else len(manifests)
    for first in range(0, len(manifests), per_pass):
        cycles = manifests[first:first + per_pass]
        seen = {}
        for s in steps[cycles[0]["firstStep"]:cycles[-1]["firstStep"] + cycles[-1]["steps"]]:
            assert len(s["rows"]) == order.rows_per_step(run, s["log2"])
            for row in s["rows"]:
                at = (s["log2"], *row)
                assert at not in seen
                seen[at] = s["step"]
        for log2 in range(run["minLog2"], run["maxLog2"] + 1):
            dealt = sum(1 for at in seen if at[0] == log2)
            if run["extent"] == "live":
                ranges = [r for m in cycles for d in m["decks"] if d["log2"] == log2 for r in d["ranges"]]
                assert dealt == sum(r["to"] - r["from"] for r in ranges)
            else:
                r = order.rows_per_step(run, log2)
                n = sum(sum(p["admitted"]) for p in cycles[0]["pools"] if p["log2"] == log2)
                assert dealt == n // r * r


def spans_windows(manifests):
    """Whether some range has rows from two windows."""
    for m in manifests[1:]:
        before = {(p["log2"], p["source"]): sum(p["admitted"]) for p in manifests[m["cycle"] - 1]["pools"]}
        for deck in m["decks"]:
            if any(r["from"] < before.get((deck["log2"], r["source"]), 0) < r["to"] for r in deck["ranges"]):
                return True
    return False


WORDS = {"seed", "key", "scheduleDigest", "digests"}


def plain(name, value):
    """The value as it is in the file."""
    if isinstance(value, dict):
        return {k: plain(k, v) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(name, v) for v in value]
    if name in WORDS:
        return word(value)
    return str(value) if name == "odds" else value


def run_case(run, manifests, topics, windows):
    check_validity(run, manifests)
    check_pools(run, manifests, topics, windows)
    the_order = order_of(run, manifests, windows)
    steps = []
    for step in range(sum(m["steps"] for m in manifests)):
        log2, rows = the_order.rows(step)
        steps.append({"step": step, "log2": log2, "rows": [list(row) for row in rows]})
    check_steps(run, manifests, steps)
    return {"run": plain("", run), "manifests": plain("", manifests), "steps": steps}


def runs():
    bounded, live = bounded_run(), live_run()
    manifests = live[1]
    assert spans_windows(manifests)
    listed = [{(p["log2"], p["source"]) for p in m["pools"]} for m in manifests]
    assert (9, "web") in listed[1] - listed[0]
    return [run_case(*bounded), run_case(*live)]


# Ledgers: records, which of them count, and the steps of their runs

FROM, WINDOW = 0, 1000  # of every bucket and partition
MILLIS = 1750000000000
LEFT_OUT = {"from", "until", "window", "previousDigest", "start", "openedMillis", "amendedMillis", "closedMillis",
            "plannedMillis", "planner", "renormalized"}


def digest_of(offset):
    """Stands for the SHA-256 of the record at an offset."""
    return hashlib.sha256(b"record %d" % offset).digest()


def mixture(sources=None, others=None, weights=(), backlog=0):
    if others is None:
        others = 0 if sources else 1
    listed = [{"source": s, "weight": w} for s, w in sorted((sources or {}).items())]
    return {"sources": listed, "otherSources": others, "buckets": list(weights), "backlogTokens": backlog}


class Book:
    """A ledger that is written here. What is appended must count, unless it is said why not."""

    def __init__(self, about, partitions=2, min_log2=6, max_log2=8):
        self.about = about
        self.space = {"partitions": partitions, "minLog2": min_log2, "maxLog2": max_log2}
        self.ledger = order.Ledger(partitions)
        self.records = []

    def append(self, kind, record, why=""):
        offset = len(self.records)
        found = self.ledger.fold(offset, kind, record, digest_of(offset))
        assert found == why, (self.about, offset, found)
        self.records.append({"type": kind, **record, "counts": found == ""})
        return offset

    def run(self, name):
        return self.ledger.runs[self.ledger.names[name]]

    def everywhere(self, run, offset):
        return offset_lists({**run, "partitions": self.space["partitions"]}, lambda *at: offset)

    def open(self, name, why="", **fields):
        m = self.space["maxLog2"] - self.space["minLog2"] + 1
        record = {"name": name, "orderVersion": 2, "seed": 1, "tokensPerStep": 512,
                  "minLog2": self.space["minLog2"], "maxLog2": self.space["maxLog2"],
                  "curriculum": "grow-p2", "odds": strings(order.preset("grow-p2", m)), "weighting": "odds-times-steps",
                  "split": "train", "extent": "live", "cycles": 0, "passes": 0,
                  "cycleTokens": 0, "minCycleTokens": 0, "maxWaitMillis": 0, "start": "earliest",
                  "openedMillis": MILLIS, "mixture": None, "parent": None}
        if fields.get("extent", "live") == "live":
            record.update(cycleTokens=4096, minCycleTokens=512, maxWaitMillis=1000)
        record.update(fields)
        name_of = record["curriculum"]
        if name_of in order.PRESETS and record["odds"] != strings(order.preset(name_of, m)):
            record["curriculum"] = "odds"
        record["from"] = self.everywhere(record, FROM)
        record["until"] = self.everywhere(record, WINDOW) if record["extent"] == "bounded" else []
        return self.append("RunOpened", record, why)

    def fork(self, name, parent, step, skip, why="", **fields):
        """As its parent was opened, but for the fields."""
        base = {k: v for k, v in self.run(parent).record.items() if k != "name"}
        parent_id = fields.pop("parent_id", self.run(parent).id)
        return self.open(name, why, **{**base, "orderVersion": 2, **fields,
                                          "parent": {"runId": parent_id, "step": step, "skip": skip}})

    def amend(self, name, why="", basis=None, **fields):
        run = self.run(name)
        now = {"curriculum": "odds", "odds": strings(run.policy["odds"]), "weighting": run.policy["weighting"],
               "mixture": run.policy["mixture"]}
        record = {"runId": run.id, "basis": len(self.records) if basis is None else basis, **now, **fields,
                  "amendedMillis": MILLIS}
        return self.append("Amended", record, why)

    def close(self, name, why=""):
        return self.append("Closed", {"runId": self.run(name).id, "closedMillis": MILLIS}, why)

    def pools(self, rows):
        """{(log2, source): rows on each partition} as a manifest has it; the digests stand for those of rows."""
        return [{"log2": log2, "source": source, "admitted": list(admitted),
                 "digests": [key(log2, p, n) if n else 0 for p, n in enumerate(admitted)]}
                for (log2, source), admitted in sorted(rows.items(), key=lambda at: (at[0][0], order.utf16(at[0][1])))]

    def next(self, name, rows=None, deal=None):
        """The next manifest of a run; `rows` are those of the last one if not given. Of a live run, `deal` says
        how many rows of each pool are dealt."""
        run = self.run(name)
        before = run.cycles[-1].manifest if run.cycles else None
        pools = before["pools"] if rows is None else self.pools(rows)
        shed = []
        if run.remainder or run.bounded:
            decks = run.decks(pools)
        else:
            decks, shed = self.live(run, pools, deal)
        log2s = order.cycle_schedule(run.record, run.policy, len(run.cycles), decks)
        return {"runId": run.id, "cycle": len(run.cycles), "firstStep": run.horizon(), "steps": len(log2s),
                "basis": len(self.records), "previousOffset": run.last[0], "previousDigest": run.last[1],
                "scheduleDigest": order.schedule_digest(log2s), "window": self.everywhere(run.record, WINDOW),
                "pools": pools, "decks": decks, "plannedMillis": MILLIS, "planner": "vectors", "shed": shed,
                "renormalized": []}

    def live(self, run, pools, deal):
        head = order.dealt_or_shed([c.manifest for c in run.cycles])
        decks = []
        for log2 in order.buckets(run.record):
            ranges = []
            for source in sorted((source for bucket, source in deal if bucket == log2), key=order.utf16):
                start = head.get((log2, source), 0)
                head[log2, source] = start + deal[log2, source]
                ranges.append({"source": source, "from": start, "to": head[log2, source]})
            if ranges:
                steps, rest = divmod(sum(r["to"] - r["from"] for r in ranges), order.rows_per_step(run.record, log2))
                assert rest == 0
                decks.append({"log2": log2, "key": order.deck_key(run.record["seed"], len(run.cycles), log2),
                              "ranges": ranges, "firstDeckStep": 0, "endDeckStep": steps})
        return decks, order.shed_ranges(run.policy["mixture"], pools, head)

    def plan(self, name, rows=None, deal=None, why="", **changes):
        return self.append("Manifest", {**self.next(name, rows, deal), **changes}, why)

    def steps(self, name):
        the_order = self.ledger.order(name)
        steps = []
        for step in range(the_order.horizon):
            log2, rows = the_order.rows(step)
            steps.append({"step": step, "log2": log2, "rows": [list(row) for row in rows]})
        return steps

    def case(self):
        runs_of = []
        for name in self.ledger.names:
            steps = self.steps(name)
            runs_of.append({"name": name, "horizon": len(steps), "steps": steps})
            self.check_once(name, steps)
        records = [plain("", {k: v for k, v in r.items() if k not in LEFT_OUT}) for r in self.records]
        return {"about": self.about, **self.space, "records": records, "runs": runs_of}

    def check_once(self, name, steps):
        """No row twice in a live run, or in a pass; each step has its number of rows."""
        run = self.run(name)
        seen = set()
        for number, cycle in enumerate(run.cycles):
            number = cycle.deal // run.record["cycles"] if run.bounded else 0
            for s in steps[cycle.first_step:cycle.end]:
                assert len(s["rows"]) == run.record["tokensPerStep"] // 2**s["log2"]
                for row in s["rows"]:
                    at = number, s["log2"], *row
                    assert at not in seen
                    seen.add(at)


def tail_rows(steps, log2s):
    """The rows of steps, bucket by bucket, in the order in which they are dealt."""
    return {log2: [row for s in steps if s["log2"] == log2 for row in s["rows"]] for log2 in log2s}


# The rows that have come to a live run by its first, second, ... cycle

GROWTH = [
    {(6, "books"): [9, 8], (6, "web"): [7, 9], (7, "books"): [4, 5], (7, "code"): [3, 2], (8, "web"): [3, 2]},
    {(6, "books"): [14, 9], (6, "code"): [3, 5], (6, "web"): [12, 12], (7, "books"): [6, 6], (7, "code"): [6, 7],
     (8, "web"): [4, 5]},
    {(6, "books"): [16, 13], (6, "code"): [9, 8], (6, "web"): [15, 18], (7, "books"): [9, 9], (7, "code"): [8, 8],
     (7, "web"): [1, 1], (8, "books"): [0, 2], (8, "web"): [6, 5]},
    {(6, "books"): [20, 20], (6, "code"): [12, 14], (6, "web"): [19, 21], (7, "books"): [12, 10], (7, "code"): [9, 11],
     (7, "web"): [4, 5], (8, "books"): [1, 3], (8, "web"): [7, 7]},
]


def weights_case():
    book = Book("A live run with weights; an amendment sets a weight to 0 and changes the odds; then it is closed.")
    book.open("old", orderVersion=1)
    book.amend("old", why="the run is of version 1")
    book.open("run", seed=77, mixture=mixture({"books": 2, "web": 1}, others=1))
    book.open("run", why="the name is taken", seed=78)
    book.plan("run", GROWTH[0], {(6, "books"): 9, (6, "web"): 7, (7, "books"): 5, (7, "code"): 3, (8, "web"): 2})
    early = book.next("run", GROWTH[1], {(6, "books"): 8})
    amended = book.amend("run", mixture=mixture({"books": 0, "web": 1}, others=3, weights=[1, 2, 1]),
                         odds=strings([1, 5, 25]), weighting="odds")
    book.append("Manifest", early, why="rule 3: it does not know of an amendment")
    # Its author has not read the amendment before it; nor has this manifest's.
    book.amend("run", why="the basis is stale, or in the future", basis=amended)
    book.plan("run", GROWTH[1], {(6, "web"): 8}, why="rule 3: it does not know of an amendment", basis=amended)
    # Books have weight 0 now.
    book.plan("run", GROWTH[1], {(6, "books"): 4, (6, "web"): 4}, why="rule 8: a source of weight 0")
    # A row is left out; a row is dealt again; a pool has fewer rows than before; another key.
    [deck] = book.next("run", GROWTH[1], {(6, "web"): 8})["decks"]
    for start in (8, 6):
        book.plan("run", GROWTH[1], {(6, "web"): 8}, why="rule 8: a range that is not at the head",
                  decks=[{**deck, "ranges": [{"source": "web", "from": start, "to": start + 8}]}])
    book.plan("run", {**GROWTH[1], (6, "books"): [15, 7]}, {(6, "web"): 8}, why="rule 6: a pool has fewer rows")
    book.plan("run", GROWTH[1], {(6, "web"): 8}, why="rule 8: a deck's key", decks=[{**deck, "key": 5}])
    book.plan("run", GROWTH[1], {(6, "code"): 5, (6, "web"): 11, (7, "code"): 8, (8, "web"): 4})
    # An amendment whose author had read no further than the one before it; the next must know of this one too.
    book.amend("run", basis=amended + 1, mixture=mixture({"books": 1}, weights=[1, 0, 1]), weighting="odds-times-steps")
    book.plan("run", GROWTH[2], {(6, "books"): 16}, basis=amended + 1,
              why="rule 3: the basis is before what it follows, or in the future")
    book.plan("run", GROWTH[2], {(6, "books"): 16}, basis=len(book.records) + 1,
              why="rule 3: the basis is before what it follows, or in the future")
    book.plan("run", GROWTH[2], {(7, "books"): 4}, why="rule 8: a bucket of weight 0")
    book.plan("run", GROWTH[2], {(6, "web"): 8}, why="rule 8: a source of weight 0")
    book.plan("run", GROWTH[2], {(6, "books"): 16, (8, "books"): 2})
    late = book.next("run", GROWTH[3], {(6, "books"): 8})
    book.close("run")
    book.append("Manifest", late, why="the run is closed")
    book.amend("run", why="the run is closed")
    book.close("run", why="the run is closed")
    return book


def backlog_case():
    book = Book("A live run whose pools shed what is beyond a backlog, also of a source and a bucket of weight 0.")
    book.open("run", seed=MASK - 5, mixture=mixture({"books": 1, "web": 0}, others=1, weights=[1, 1, 0], backlog=500))
    deal = {(6, "books"): 8, (7, "books"): 5, (7, "code"): 3}
    good = book.next("run", GROWTH[0], deal)
    assert {(s["log2"], s["source"]): (s["from"], s["to"]) for s in good["shed"]} == {
        (6, "books"): (8, 10), (6, "web"): (0, 9), (7, "books"): (5, 6), (8, "web"): (0, 4)}
    # Nothing is shed; one is missing; one is too long; there is one too many.
    first, *others = good["shed"]
    for shed in ([], others, [{**first, "to": 11}, *others],
                 [first, *others, {"log2": 7, "source": "code", "from": 3, "to": 4}]):
        book.append("Manifest", {**good, "shed": shed}, why="rule 8: what is shed")
    book.append("Manifest", {**good, "basis": len(book.records)})
    # The head of a pool is after what was shed of it.
    book.plan("run", GROWTH[1], {(6, "books"): 8, (7, "code"): 8}, why="rule 8: a range that is not at the head", decks=[
        {**d, "ranges": [{**d["ranges"][0], "from": 8, "to": 16}]} if d["log2"] == 6 else d
        for d in book.next("run", GROWTH[1], {(6, "books"): 8, (7, "code"): 8})["decks"]])
    book.plan("run", GROWTH[1], {(6, "books"): 8, (7, "code"): 8})
    # A larger backlog sheds less; none sheds nothing.
    book.amend("run", mixture=mixture({"books": 1, "web": 1}, others=0, backlog=1000))
    book.plan("run", GROWTH[2], {(6, "books"): 6, (6, "web"): 10, (8, "web"): 2})
    book.amend("run", mixture=mixture())
    book.plan("run", GROWTH[3], {(6, "books"): 3, (6, "code"): 5, (6, "web"): 8, (7, "code"): 3, (7, "web"): 5})
    return book


BOUNDED = {(6, "books"): [20, 15], (6, "code"): [8, 9], (6, "web"): [30, 25], (7, "books"): [12, 9],
           (7, "code"): [7, 6], (7, "web"): [0, 11], (8, "books"): [5, 5], (8, "web"): [4, 5]}


def bounded_case():
    book = Book("A bounded run with weights of sources and buckets, over two passes; its curriculum can be amended, "
                "and its mixture cannot.")
    book.open("run", seed=2024, extent="bounded", cycles=2, passes=2,
              mixture=mixture({"books": 3, "code": 0}, others=2, weights=[1, 2, 3]))
    rows = dict(BOUNDED)
    whole = order.bounded_decks(book.run("run").record, order.NO_MIXTURE, 0, 2024, book.pools(rows))
    steps = sum(order.deck_steps(book.run("run").record, whole))
    book.plan("run", rows, why="rule 8: the decks are not those of the deal", decks=whole, steps=steps)
    book.plan("run", rows)
    book.plan("run", {**rows, (8, "web"): [4, 6]}, why="rule 8: the counts have changed")
    book.plan("run", {**rows, (8, "code"): [1, 0]}, why="rule 8: the counts have changed")
    book.amend("run", why="the run is bounded, and its mixture would change",
               mixture=mixture({"books": 3, "code": 1}, others=2, weights=[1, 2, 3]))
    book.amend("run", odds=strings([1, 10**20, 1]), weighting="odds")
    book.plan("run")
    book.plan("run")
    book.plan("run", why="rule 8: a bounded run sheds nothing", shed=[{"log2": 6, "source": "code", "from": 0, "to": 17}])
    book.plan("run")
    # It has all its cycles.
    last = book.records[-1]
    book.append("Manifest", {k: v for k, v in {**last, "cycle": 4, "firstStep": last["firstStep"] + last["steps"],
                                              "basis": len(book.records), "previousOffset": len(book.records) - 1,
                                              "previousDigest": digest_of(len(book.records) - 1)}.items()
                             if k not in ("type", "counts")}, why="rule 1: the run has all its cycles")
    book.amend("run", why="the run has all its cycles")
    # Weights of sources only, and of buckets only: the tokens that are there stand for the others.
    book.open("sources", seed=5, extent="bounded", cycles=2, passes=1, mixture=mixture({"books": 1, "web": 2}))
    book.plan("sources", rows)
    book.plan("sources")
    book.open("buckets", seed=6, extent="bounded", cycles=1, passes=1, mixture=mixture(weights=[0, 1, 2]))
    book.plan("buckets", rows)
    book.open("nothing", seed=7, extent="bounded", cycles=1, passes=1, mixture=mixture({"maps": 1}))
    book.plan("nothing", rows)
    return book


def live_parent(book, name="parent", **fields):
    book.open(name, seed=100, **fields)
    book.plan(name, GROWTH[0], {(6, "books"): 9, (6, "web"): 7, (7, "books"): 6, (7, "code"): 2, (8, "web"): 4})
    book.plan(name, GROWTH[1], {(6, "books"): 8, (6, "web"): 8, (7, "books"): 4, (7, "code"): 8, (8, "web"): 4})


# What a fork deals of the rows that come after the second cycle

LATER = {(6, "code"): 5, (6, "web"): 11, (7, "books"): 4, (8, "web"): 2}


def fork_case():
    book = Book("Forks of a live run in the middle of a cycle: with a skip and another seed, and over the end of a "
                "cycle. The parent is amended before and goes on after.")
    live_parent(book)
    parent = book.run("parent")
    book.amend("parent", odds=strings([1, 3, 9]), weighting="odds")
    end = parent.horizon()
    book.fork("fork", "parent", end - 1, 2, why="the parent has not so many steps")
    book.fork("fork", "parent", 0, 0, why="there is no such parent", parent_id=1000)
    book.fork("fork", "parent", 6, 2, why="the parent has another tokensPerStep", tokensPerStep=1024)
    book.fork("fork", "parent", 6, 2, why="the parent has another maxWaitMillis", maxWaitMillis=2000)
    # The name is still free.
    assert parent.cycles[1].first_step < 8 and 10 < end
    book.fork("fork", "parent", 8, 2, seed=200, odds=strings([3, 2, 1]), mixture=mixture({"code": 1, "web": 1}, others=1))
    # The parent goes on; that is nothing to the fork.
    book.plan("parent", GROWTH[2], {(6, "books"): 8, (7, "books"): 4, (8, "web"): 2})
    # The remainder must come first, whole, and sheds nothing.
    remainder = book.next("fork")
    early = {**remainder, "decks": remainder["decks"][1:]}
    early["steps"] = sum(order.deck_steps(parent.record, early["decks"]))
    book.append("Manifest", early, why="rule 8: the decks are not the remainder")
    book.plan("fork", why="rule 8: a remainder sheds nothing", shed=[{"log2": 6, "source": "books", "from": 17, "to": 18}])
    book.plan("fork", {**GROWTH[1], (6, "books"): [15, 9]}, why="rule 8: the remainder's counts")
    book.plan("fork", why="rule 2: it follows another record", previousOffset=parent.last[0], previousDigest=parent.last[1])
    book.plan("fork")
    book.plan("fork", GROWTH[2], LATER)
    # A fork that begins in the first cycle and skips into the second.
    book.fork("over", "parent", 4, 5, seed=300)
    book.amend("over", weighting="odds")
    book.plan("over")
    book.plan("over", GROWTH[3], {**LATER, (6, "books"): 8})
    # One that has all of its parent's steps, which is closed; and one that has none of them, and skips all.
    book.close("parent")
    book.fork("after", "parent", parent.horizon(), 0, seed=400)
    book.plan("after", GROWTH[3], {(6, "web"): 8, (8, "books"): 2})
    book.fork("anew", "parent", 0, parent.horizon(), seed=100)
    book.plan("anew", GROWTH[3], {(6, "web"): 8, (8, "books"): 2})

    steps = {name: book.steps(name) for name in book.ledger.names}
    assert steps["fork"][:8] == steps["parent"][:8]
    rest = parent.cycles[1].end
    assert tail_rows(steps["parent"][10:rest], (6, 7, 8)) == tail_rows(steps["fork"][8:8 + rest - 10], (6, 7, 8))
    assert tail_rows(steps["parent"][9:rest], (6, 7, 8)) == tail_rows(steps["over"][4:4 + rest - 9], (6, 7, 8))
    assert [c.steps for c in book.run("over").cycles[:2]] == [4, 0]
    assert [c.steps for c in book.run("anew").cycles[:3]] == [0, 0, 0]
    return book


def fork_of_fork_case():
    book = Book("Forks of a fork: below its step, above it, in its remainder, and at its step before it has a manifest.")
    live_parent(book)
    end = book.run("parent").horizon()
    book.fork("fork", "parent", 8, 2, seed=200)
    # The fork has no manifest of its own yet.
    book.fork("same", "fork", 8, 0, seed=250, odds=strings([1, 1, 1]))
    book.fork("past", "fork", 8, 1, why="the parent has not so many steps")
    book.fork("below", "fork", 6, 1, seed=300)
    book.plan("fork")
    book.plan("fork", GROWTH[2], LATER)
    book.plan("same")
    book.plan("below")
    book.plan("below", GROWTH[2], {(6, "books"): 6, (6, "code"): 2, (7, "books"): 4})
    # Now at its step, in its remainder, and in its first cycle after that.
    book.fork("at", "fork", 8, 0, seed=350)
    book.plan("at")
    book.fork("inside", "fork", 9, 1, seed=400, weighting="odds")
    book.plan("inside")
    book.plan("inside", GROWTH[3], {(6, "web"): 8, (8, "books"): 2})
    last = book.run("fork").cycles[-1].first_step
    book.fork("above", "fork", last + 1, 1, seed=500)
    book.plan("above")
    book.plan("above", GROWTH[3], {(6, "web"): 8, (8, "books"): 2})
    book.fork("third", "above", last + 1, 1, seed=600)
    book.plan("third")

    steps = {name: book.steps(name) for name in book.ledger.names}
    # What the fork skipped is skipped only from its step on.
    assert tail_rows(steps["parent"][7:end], (6, 7, 8)) == tail_rows(steps["below"][6:6 + end - 7], (6, 7, 8))
    for name in ("same", "at"):
        assert tail_rows(steps[name][8:], (6, 7, 8)) == tail_rows(steps["parent"][10:end], (6, 7, 8))
    assert [c.seed for c in book.run("third").cycles] == [100, 100, 200, 200, 500, 600]
    assert [c.deal for c in book.run("third").cycles] == [0, 1, 1, 2, 2, 2]
    return book


def bounded_fork_case():
    book = Book("Forks of a bounded run: the pass that its parent began keeps the parent's seed, the next takes the fork's.")
    rows = {(6, "books"): [13, 12], (6, "web"): [11, 13], (7, "books"): [9, 7], (8, "web"): [5, 4]}
    book.open("parent", seed=1000, extent="bounded", cycles=3, passes=2)
    book.plan("parent", rows)
    book.plan("parent")
    parent = book.run("parent")
    step, r = 3, 5
    assert parent.cycles[1].first_step < r < parent.cycles[1].end
    book.fork("fork", "parent", step, r - step, why="the parent has another passes", passes=3)
    book.fork("fork", "parent", step, r - step, why="the parent is bounded and has another mixture",
              mixture=mixture({"web": 1}))
    book.fork("fork", "parent", step, r - step, seed=2000, odds=strings([1, 2, 4]))
    decks = parent.decks(book.pools(rows))
    steps = sum(order.deck_steps(parent.record, decks))
    book.plan("fork", decks=decks, steps=steps, why="rule 8: the decks are not the remainder")
    book.plan("fork")
    book.plan("fork")
    assert book.run("fork").pass_seed() == 2000
    wrong = order.bounded_decks(parent.record, order.NO_MIXTURE, 3, 1000, book.pools(rows))
    book.plan("fork", decks=wrong, why="rule 8: the decks are not those of the deal")
    book.plan("fork")
    # A fork of the fork in the pass that the fork began, and one in the pass that the parent began.
    fork = book.run("fork")
    own = fork.cycles[-1].first_step
    book.fork("second", "fork", own + 1, 1, seed=3000)
    for _ in range(3):
        book.plan("second")
    assert {c.seed for c in book.run("second").cycles} == {1000, 2000, 3000}
    assert [c.deal for c in book.run("second").cycles] == [0, 1, 1, 2, 3, 3, 4, 5]
    decks = [d for c in book.run("second").cycles[5:] for d in c.manifest["decks"]]
    assert all(d["key"] == order.deck_key(2000, 1, d["log2"]) for d in decks)
    # It has all its deals.
    book.amend("second", why="the run has all its cycles")
    # At the end of the first pass: while the parent has no cycle of the second, the fork begins it.
    # When it has one, the fork inherits that, without a step.
    book.plan("parent")
    end = parent.horizon()
    book.fork("before", "parent", end, 0, seed=4000)
    book.plan("parent")
    book.fork("after", "parent", end, 0, seed=4000)
    book.plan("before")
    book.plan("after")
    book.plan("after")
    for name, seed in (("before", 4000), ("after", 1000)):
        for d in book.run(name).cycles[-1].manifest["decks"]:
            assert d["key"] == order.deck_key(seed, 1, d["log2"])
    # What is left of the last cycle is all that there is; and nothing at all.
    while not parent.complete():
        book.plan("parent")
    end = parent.horizon()
    book.fork("rest", "parent", end - 2, 1, seed=5000)
    book.amend("rest", weighting="odds")
    book.plan("rest")
    assert book.run("rest").horizon() == end - 1 and book.run("rest").complete()
    book.fork("none", "parent", end - 2, 2, seed=5000)
    assert book.run("none").complete()
    book.amend("none", why="the run has all its cycles")
    return book


def ledgers():
    return [book.case() for book in (weights_case(), backlog_case(), bounded_case(), fork_case(), fork_of_fork_case(),
                                     bounded_fork_case())]


# The file

def compact(value):
    return json.dumps(value, separators=(",", ":"))


def text(vectors):
    """One case a line; of runs and ledgers, one record or step a line."""
    parts = []
    for name, cases in vectors.items():
        if name == "runs":
            lines = []
            for case in cases:
                manifests = ",\n  ".join(compact(m) for m in case["manifests"])
                steps = ",\n  ".join(compact(s) for s in case["steps"])
                lines.append('{"run":%s,\n "manifests":[\n  %s],\n "steps":[\n  %s]}'
                             % (compact(case["run"]), manifests, steps))
        elif name == "ledgers":
            lines = []
            for case in cases:
                head = {k: v for k, v in case.items() if k not in ("records", "runs")}
                records = ",\n  ".join(compact(r) for r in case["records"])
                runs_of = []
                for run in case["runs"]:
                    steps = ",\n   ".join(compact(s) for s in run["steps"])
                    runs_of.append('{"name":%s,"horizon":%d,"steps":[%s]}'
                                   % (compact(run["name"]), run["horizon"], "\n   " + steps if steps else ""))
                lines.append('%s,\n "records":[\n  %s],\n "runs":[\n  %s]}'
                             % (compact(head)[:-1], records, ",\n  ".join(runs_of)))
        else:
            lines = [compact(case) for case in cases]
        parts.append('"%s":[\n%s\n]' % (name, ",\n".join(lines)))
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main():
    vectors = {
        "generator": generators(),
        "below": below(),
        "keys": keys(),
        "xxh64": xxh64(),
        "permutation": permutations(),
        "schedule": schedules(),
        "rowDigest": row_digests(),
        "batchDigest": batch_digests(),
        "runs": runs(),
        "ledgers": ledgers(),
    }
    out = text(vectors)
    assert json.loads(out) == vectors
    assert len(out) < 250_000
    TARGET.write_text(out, encoding="ascii", newline="\n")


if __name__ == "__main__":
    main()
