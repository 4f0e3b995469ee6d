"""Writes docs/order-vectors.json, the test vectors of docs/order.md.

64-bit words are decimal strings of their unsigned value, and so are bounds,
draws and odds; all else is a JSON number. Run it with Python 3.11 or later;
every run writes the same bytes.
"""

import json
from pathlib import Path

import order
from order import G, MASK, Generator, Order, Permutation, key

TARGET = Path(__file__).resolve().parents[4] / "docs" / "order-vectors.json"


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
    log2s = order.cycle_schedule(run, cycle, decks)
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
        add_manifest(run, manifests, pools, order.bounded_decks(run, cycle, pools))
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
                decks.append({"log2": log2, "key": order.deck_key(run, cycle, log2), "ranges": ranges,
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
            assert m["decks"] == order.bounded_decks(run, cycle, m["pools"])


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
        assert Order(run, manifests).pool(len(manifests) - 1, log2, source) == expected


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


def run_case(run, manifests, topics, windows):
    check_validity(run, manifests)
    check_pools(run, manifests, topics, windows)
    the_order = Order(run, manifests)
    steps = []
    for step in range(sum(m["steps"] for m in manifests)):
        log2, rows = the_order.rows(step)
        steps.append({"step": step, "log2": log2, "rows": [list(row) for row in rows]})
    check_steps(run, manifests, steps)
    words = {"seed", "key", "scheduleDigest", "digests"}

    def plain(name, value):
        """The value as it is in the file."""
        if isinstance(value, dict):
            return {k: plain(k, v) for k, v in value.items()}
        if isinstance(value, list):
            return [plain(name, v) for v in value]
        if name in words:
            return word(value)
        return str(value) if name == "odds" else value

    return {"run": plain("", run), "manifests": plain("", manifests), "steps": steps}


def runs():
    bounded, live = bounded_run(), live_run()
    manifests = live[1]
    assert spans_windows(manifests)
    listed = [{(p["log2"], p["source"]) for p in m["pools"]} for m in manifests]
    assert (9, "web") in listed[1] - listed[0]
    return [run_case(*bounded), run_case(*live)]


# The file

def compact(value):
    return json.dumps(value, separators=(",", ":"))


def text(vectors):
    """One case a line; of runs, one manifest or step a line."""
    parts = []
    for name, cases in vectors.items():
        if name == "runs":
            lines = []
            for case in cases:
                manifests = ",\n  ".join(compact(m) for m in case["manifests"])
                steps = ",\n  ".join(compact(s) for s in case["steps"])
                lines.append('{"run":%s,\n "manifests":[\n  %s],\n "steps":[\n  %s]}'
                             % (compact(case["run"]), manifests, steps))
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
    }
    out = text(vectors)
    assert json.loads(out) == vectors
    assert len(out) < 150_000
    TARGET.write_text(out, encoding="ascii", newline="\n")


if __name__ == "__main__":
    main()
