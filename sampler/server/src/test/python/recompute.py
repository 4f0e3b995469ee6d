"""Recomputes every batch of a run from Kafka itself, by docs/order.md and nothing else.

    python3 recompute.py --kafka HOST:PORT --corpus main --run NAME [--expect steps.json] [-o json]

It reads the ledger and the length topics, decides which records count, holds the
counts and digests of the run's manifests against the rows, and prints for each
step its cycle, length, rows, digest, and the SHA-256 of its bytes. With --expect
it compares them with the output of `dyadic run steps NAME -o json`. It ends with
1 and one line on standard error where something differs, and where the run is
not there. requirements.txt has what it needs beside Python 3.11.
"""

import argparse
import hashlib
import io
import json
import sys
from pathlib import Path

import fastavro
from confluent_kafka import Consumer, KafkaError, TopicPartition
from fastavro.schema import to_parsing_canonical_form

import order

PROTO = Path(__file__).resolve().parents[5] / "proto" / "src" / "main"


class Differs(Exception):
    pass


# Avro: single-object encoding

def crc64(data):
    """CRC-64-AVRO, as in the specification of Avro."""
    empty = 0xC15D213AA4D7A795
    table = []
    for i in range(256):
        for _ in range(8):
            i = (i >> 1) ^ (empty if i & 1 else 0)
        table.append(i)
    fingerprint = empty
    for byte in data:
        fingerprint = (fingerprint >> 8) ^ table[(fingerprint ^ byte) & 255]
    return fingerprint


def named_types(schema, types):
    """Collects the named types that a schema defines."""
    if isinstance(schema, list):
        for part in schema:
            named_types(part, types)
    elif isinstance(schema, dict):
        if schema["type"] in ("record", "fixed", "enum"):
            types.setdefault(schema["name"], schema)
        for field in schema.get("fields", []):
            named_types(field["type"], types)
        for part in ("items", "values", "type"):
            if isinstance(schema.get(part), (dict, list)):
                named_types(schema[part], types)


def whole(schema, types, seen):
    """The schema with each named type spelled out where it first occurs."""
    if isinstance(schema, str) and schema in types and schema not in seen:
        schema = types[schema]
    if isinstance(schema, list):
        return [whole(part, types, seen) for part in schema]
    if isinstance(schema, dict):
        if "name" in schema:
            seen.add(schema["name"])
        schema = dict(schema)
        if "fields" in schema:
            schema["fields"] = [{**f, "type": whole(f["type"], types, seen)} for f in schema["fields"]]
        for part in ("items", "values", "type"):
            if part in schema:
                schema[part] = whole(schema[part], types, seen)
    return schema


class Schemas:
    """The schemas of this release and of earlier ones."""

    def __init__(self):
        self.writers = {}  # by fingerprint: (name, schema)
        self.readers = {}  # by name: the schema of this release
        folders = [PROTO / "avro"] + sorted((PROTO / "resources" / "schemas").iterdir())
        for folder in folders:
            schemas = [json.loads(file.read_text()) for file in sorted(folder.glob("*.avsc"))]
            types = {}
            for schema in schemas:
                named_types(schema, types)
            for schema in schemas:
                spelled_out = whole(schema, types, set())
                name = schema["name"]
                fingerprint = crc64(to_parsing_canonical_form(spelled_out).encode())
                parsed = fastavro.parse_schema(spelled_out)
                self.writers.setdefault(fingerprint, (name, parsed))
                self.readers.setdefault(name, parsed)

    def read(self, data):
        """(name, record) of a record in single-object encoding; fields that its writer did not know have their defaults."""
        assert data[:2] == b"\xc3\x01", "not in single-object encoding"
        name, writer = self.writers[int.from_bytes(data[2:10], "little")]
        return name, fastavro.schemaless_reader(io.BytesIO(data[10:]), writer, self.readers[name])


# Kafka

class Topics:
    def __init__(self, kafka, prefix, corpus):
        self.kafka = kafka
        self.name = "%s.%s." % (prefix, corpus)

    def read(self, topic):
        """All that is committed on a topic now: (partition, offset, value), ascending within each partition."""
        consumer = Consumer({"bootstrap.servers": self.kafka, "group.id": "recompute",
                             "isolation.level": "read_committed", "auto.offset.reset": "earliest",
                             "enable.auto.commit": False, "enable.partition.eof": True})
        try:
            about = consumer.list_topics(self.name + topic, timeout=30).topics[self.name + topic]
            if about.error is not None:
                raise Differs("topic %s: %s" % (self.name + topic, about.error))
            left = set(about.partitions)
            consumer.assign([TopicPartition(self.name + topic, p, 0) for p in left])
            records = []
            while left:
                message = consumer.poll(30)
                if message is None:
                    raise Differs("topic %s: no answer within 30 s" % (self.name + topic))
                if message.error() is None:
                    records.append((message.partition(), message.offset(), message.value()))
                elif message.error().code() == KafkaError._PARTITION_EOF:
                    left.discard(message.partition())
                else:
                    raise Differs("topic %s: %s" % (self.name + topic, message.error()))
            return records
        finally:
            consumer.close()


# The ledger

def read_ledger(topics, schemas):
    """(identity, ledger, what was said of each record)."""
    identity, ledger, said = None, None, []
    for _, offset, value in topics.read("ledger"):
        name, record = schemas.read(value)
        if name == "Identity":
            why = "" if identity is None else "the corpus has its identity"
            if identity is None:
                identity, ledger = record, order.Ledger(record["partitions"])
        elif name == "Committed":
            why = "it has no part in the order"
        elif ledger is None:
            why = "it comes before the identity"
        else:
            why = ledger.fold(offset, name, record, hashlib.sha256(value).digest())
        said.append({"offset": offset, "type": name, "counts": not why, "why": why})
    return identity, ledger, said


# The rows

class Rows:
    """The rows of a run on its length topics."""

    def __init__(self, topics, schemas, record):
        self.start = order.offsets(record["from"])
        self.pools = {}  # (log2, source, partition): [(offset, tokens, content)], at their ordinals
        for log2 in order.buckets(record):
            for partition, offset, value in topics.read("sequences.%d" % 2**log2):
                name, sequence = schemas.read(value)
                if name == "Sequence" and sequence["split"] == record["split"] and offset >= self.start[log2][partition]:
                    assert sequence["log2"] == log2
                    pool = self.pools.setdefault((log2, sequence["source"], partition), [])
                    assert not pool or pool[-1][0] < offset
                    pool.append((offset, sequence["tokens"], order.xxh64(sequence["tokens"])))

    def check(self, manifest, partitions):
        """Holds the counts and digests of a manifest against the rows."""
        window = order.offsets(manifest["window"])
        said = {(p["log2"], p["source"]): (p["admitted"], p["digests"]) for p in manifest["pools"]}
        none = [0] * partitions, [0] * partitions
        for log2, source in sorted({pool[:2] for pool in self.pools if pool[0] in window} | set(said)):
            admitted, digests = said.get((log2, source), none)
            for p in range(partitions):
                rows = [row for row in self.pools.get((log2, source, p), []) if row[0] < window[log2][p]]
                digest = sum(order.row_digest(content, offset) for offset, _, content in rows) & order.MASK
                at = "cycle %d, bucket %d, source %s, partition %d: " % (manifest["cycle"], 2**log2, source, p)
                if len(rows) != admitted[p]:
                    raise Differs(at + "%d rows, admitted says %d" % (len(rows), admitted[p]))
                if digest != digests[p] & order.MASK:
                    raise Differs(at + "the rows' digest is %016x, digests says %016x" % (digest, digests[p] & order.MASK))


def recompute(topics, schemas, name):
    identity, ledger, said = read_ledger(topics, schemas)
    if ledger is None or name not in ledger.names:
        raise Differs("the ledger has no run %s" % name)
    the_order = ledger.order(name)
    run = the_order.run
    rows = Rows(topics, schemas, run.record)
    for cycle in run.cycles:
        rows.check(cycle.manifest, ledger.partitions)
    steps = []
    for step in range(the_order.horizon):
        log2, places = the_order.rows(step)
        dealt = [rows.pools[log2, source, partition][ordinal] for source, partition, ordinal in places]
        tokens = [row[1] for row in dealt]
        width = 2**log2 + (1 if identity["layout"] == "next-token" else 0)
        assert all(len(t) == width * identity["tokenWidth"] for t in tokens)
        digest = order.batch_digest([row[2] for row in dealt], step)
        steps.append({"step": step, "cycle": the_order.cycle(step), "length": 2**log2, "rows": len(tokens),
                      "digest": "%016x" % digest, "sha256": hashlib.sha256(b"".join(tokens)).hexdigest()})
    cycles = [{"cycle": number, "ledgerOffset": c.offset, "run": c.run_id, "firstStep": c.first_step, "steps": c.steps,
               "remainder": c.remainder, "shed": len(c.manifest["shed"])} for number, c in enumerate(run.cycles)]
    return {"run": name, "id": run.id, "closed": run.closed, "horizon": the_order.horizon,
            "cycles": cycles, "ledger": said, "steps": steps}


def compare(steps, expected):
    """Every expected step is one of ours, and the same."""
    for theirs in expected:
        if not 0 <= theirs["step"] < len(steps):
            raise Differs("step %d is expected, and not planned" % theirs["step"])
        ours = steps[theirs["step"]]
        for name in ("cycle", "length", "rows", "digest"):
            if ours[name] != theirs[name]:
                raise Differs("step %d: %s is %s, expected was %s" % (ours["step"], name, ours[name], theirs[name]))


def main():
    parser = argparse.ArgumentParser(description="Recomputes every batch of a run from Kafka itself.")
    parser.add_argument("--kafka", metavar="HOST:PORT", default="127.0.0.1:9092")
    parser.add_argument("--prefix", default="dyadic")
    parser.add_argument("--corpus", default="main")
    parser.add_argument("--run", metavar="NAME", required=True)
    parser.add_argument("--expect", metavar="FILE", help="output of `dyadic run steps NAME -o json` to compare with")
    parser.add_argument("-o", "--output", choices=["text", "json"], default="text")
    options = parser.parse_args()
    try:
        result = recompute(Topics(options.kafka, options.prefix, options.corpus), Schemas(), options.run)
        if options.output == "text":
            print("step  cycle  length  rows            digest  sha256")
            for s in result["steps"]:
                print("%4d  %5d  %6d  %4d  %s  %s"
                      % (s["step"], s["cycle"], s["length"], s["rows"], s["digest"], s["sha256"]))
        if options.expect:
            expected = json.loads(Path(options.expect).read_text())["steps"]
            compare(result["steps"], expected)
            result["compared"] = len(expected)
            if options.output == "text":
                print("%d of %d steps compared, no difference" % (len(expected), result["horizon"]))
        if options.output == "json":
            print(json.dumps(result))
        return 0
    except Differs as e:
        print("recompute: %s" % e, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
