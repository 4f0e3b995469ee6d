#!/usr/bin/env python3
"""Measures how fast ingest reads and publishes the documents of files, next to readers of others on the same files.

    pip install pyarrow==26.0.1 warcio==1.8.1 datatrove==0.10.1 orjson zstandard
    python ingest/src/test/python/speed.py make small.jsonl FOLDER --copies 20    # writes the files
    python ingest/src/test/python/speed.py FOLDER [--rounds 3]                   # measures

A rate is MB (10^6 bytes) of UTF-8 text a second; the median of the rounds. ingest publishes to a broker in its own process,
one thread reads; the others only read.
"""

import argparse
import gzip
import json
import pathlib
import statistics
import subprocess
import time

TOP = pathlib.Path(__file__).resolve().parents[4]


def documents(source, copies):
    with open(source, encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    for copy in range(copies):
        for row in rows:
            yield {"id": "%d/%s" % (copy, row["id"]), "text": row["text"], "source": row.get("source", "x")}


def make(source, folder, copies):
    import pyarrow
    import pyarrow.parquet
    import zstandard

    folder.mkdir(parents=True, exist_ok=True)
    with (
        open(folder / "plain.jsonl", "wb") as plain,
        gzip.open(folder / "gzip.jsonl.gz", "wb", compresslevel=6) as packed,
        zstandard.open(folder / "zstd.jsonl.zst", "wb", cctx=zstandard.ZstdCompressor(3)) as zstd,
        open(folder / "gzip.warc.wet.gz", "wb") as wet,
    ):
        batch, writer = [], None
        for number, row in enumerate(documents(source, copies)):
            line = (json.dumps(row, ensure_ascii=False) + "\n").encode()
            plain.write(line)
            packed.write(line)
            zstd.write(line)
            text = row["text"].encode()
            record = (
                "WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: https://example.org/%d\r\nWARC-Date: 2024-05-01T12:30:45Z\r\n"
                "WARC-Record-ID: <urn:uuid:%032x>\r\nWARC-Identified-Content-Language: eng\r\nContent-Type: text/plain\r\n"
                "Content-Length: %d\r\n\r\n" % (number, number, len(text))
            )
            wet.write(gzip.compress(record.encode() + text + b"\r\n\r\n", 6))
            batch.append(row)
            if len(batch) == 5000:
                writer = parquet(pyarrow, folder, batch, writer)
                batch = []
        parquet(pyarrow, folder, batch, writer).close()


def parquet(pyarrow, folder, batch, writer):
    table = pyarrow.Table.from_pylist(batch)
    writer = writer or pyarrow.parquet.ParquetWriter(folder / "zstd.parquet", table.schema, compression="zstd")
    writer.write_table(table)
    return writer


def json_lines(path):
    import io

    import orjson
    import zstandard

    kind = path.suffix
    stream = gzip.open(path) if kind == ".gz" else zstandard.open(path, "rb") if kind == ".zst" else open(path, "rb")
    with stream:
        for line in io.BufferedReader(stream, 1 << 20):
            yield orjson.loads(line)["text"]


def arrow(path):
    import pyarrow.parquet

    pyarrow.set_cpu_count(1)
    for batch in pyarrow.parquet.ParquetFile(path).iter_batches(columns=["id", "text", "source"]):
        yield from batch.column("text").to_pylist()


def warcio(path):
    from warcio.archiveiterator import ArchiveIterator

    with open(path, "rb") as stream:
        for record in ArchiveIterator(stream):
            yield record.content_stream().read().decode()


def datatrove(reader):
    def read(path):
        import datatrove.pipeline.readers as readers

        for document in getattr(readers, reader)(str(path.parent), glob_pattern=path.name, doc_progress=False)():
            yield document.text

    return read


def timed(read, path):
    begin = time.monotonic()
    size = sum(len(text.encode()) for text in read(path))
    return size / 1e6 / (time.monotonic() - begin)


def measure(folder, rounds):
    peers = {
        "plain.jsonl": {"orjson": json_lines, "datatrove": datatrove("JsonlReader")},
        "zstd.jsonl.zst": {"orjson": json_lines, "datatrove": datatrove("JsonlReader")},
        "gzip.jsonl.gz": {"orjson": json_lines, "datatrove": datatrove("JsonlReader")},
        "zstd.parquet": {"pyarrow": arrow, "datatrove": datatrove("ParquetReader")},
        "gzip.warc.wet.gz": {"warcio": warcio, "datatrove": datatrove("WarcReader")},
    }
    for name, readers in peers.items():
        path = folder / name
        # The bench keeps its broker's data in the temporary directory.
        printed = subprocess.run(
            [TOP / "dyadic", "bench", "ingest", "--input", path, "--rounds", str(rounds), "-o", "json"],
            stdout=subprocess.PIPE, check=True).stdout
        for figure in json.loads(printed)["figures"]:
            print("%-18s %-55s %7.2f  (%.2f to %.2f) %s" % (
                name, figure["name"], figure["median"], figure["min"], figure["max"], figure["unit"]), flush=True)
        for peer, read in readers.items():
            rates = []
            for _ in range(rounds):
                try:
                    rates.append(timed(read, path))
                except Exception as e:  # what a peer cannot read is no reason to stop
                    print("%-18s %-55s %s" % (name, peer, e))
                    break
            if rates:
                print("%-18s %-55s %7.2f  (%.2f to %.2f) MB/s" % (
                    name, peer + ", reading", statistics.median(rates), min(rates), max(rates)), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="+")
    parser.add_argument("--copies", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    if given.what[0] == "make":
        make(given.what[1], pathlib.Path(given.what[2]), given.copies)
    else:
        measure(pathlib.Path(given.what[0]), given.rounds)
