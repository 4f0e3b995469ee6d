#!/usr/bin/env python3
"""Writes the files that the tests of the formats read, with the libraries that people write such files with.

    pip install pyarrow==26.0.1 pandas datasets warcio fastparquet
    python ingest/src/test/python/make_files.py ingest/src/test/resources/files

The files are part of the repository; this tells where they are from. WARC files of wget need a wget with --warc-file.
"""

import datetime
import decimal
import functools
import http.server
import io
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading

import datasets
import pandas
import pyarrow
import pyarrow.parquet
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

ROWS = 100
WHEN = datetime.datetime(2024, 5, 1, 12, 30, 45, 250000, tzinfo=datetime.timezone.utc)


def text(i):
    return "document %d, and some words that follow: ünïcödé 漢字 😀" % i


def rows():
    return [
        {
            "id": "doc-%d" % i,
            "text": None if i % 10 == 3 else text(i),
            "meta": None
            if i % 7 == 5
            else {"url": "https://example.org/%d" % i, "site": None if i % 3 == 0 else {"name": "site-%d" % (i % 4)}},
            "tags": ["a", "b"] * (i % 3),
            "spans": [{"start": i, "end": i + 1}] * (i % 2),
            "number": i,
            "timestamp": WHEN + datetime.timedelta(seconds=i),
        }
        for i in range(ROWS)
    ]


SCHEMA = pyarrow.schema(
    [
        ("id", pyarrow.string()),
        ("text", pyarrow.string()),
        ("meta", pyarrow.struct([("url", pyarrow.string()), ("site", pyarrow.struct([("name", pyarrow.string())]))])),
        ("tags", pyarrow.list_(pyarrow.string())),
        ("spans", pyarrow.list_(pyarrow.struct([("start", pyarrow.int32()), ("end", pyarrow.int32())]))),
        ("number", pyarrow.int64()),
        ("timestamp", pyarrow.timestamp("us", tz="UTC")),
    ]
)


def parquet(folder):
    table = pyarrow.Table.from_pylist(rows(), schema=SCHEMA)
    write = functools.partial(pyarrow.parquet.write_table, table)
    for codec in ("none", "snappy", "gzip", "zstd", "lz4"):
        write(folder / ("pyarrow-%s.parquet" % codec), compression=codec, row_group_size=30)
    write(folder / "pyarrow-v2-pages.parquet", compression="zstd", data_page_version="2.0", data_page_size=200)
    write(folder / "pyarrow-plain.parquet", compression="snappy", use_dictionary=False, row_group_size=10)
    write(folder / "spark-like.parquet", compression="snappy", version="1.0", use_deprecated_int96_timestamps=True)
    delta = {name: "DELTA_BYTE_ARRAY" for name in ("id", "text")}
    write(folder / "pyarrow-delta.parquet", compression="zstd", use_dictionary=False, column_encoding=delta)
    # A page of nothing but nulls, and a row group of them.
    nulls = [{"id": "n-%d" % i, "text": text(i) if 40 <= i < 50 else None} for i in range(90)]
    pyarrow.parquet.write_table(
        pyarrow.Table.from_pylist(nulls), folder / "null-pages.parquet", row_group_size=30, data_page_size=10
    )
    kinds = pyarrow.table(
        {
            "text": pyarrow.array([text(i) for i in range(3)], pyarrow.large_string()),
            "id": pyarrow.array([1, 2**64 - 1, 3], pyarrow.uint64()),
            "source": pyarrow.array(["a", "b", "a"]).dictionary_encode(),
            "time": pyarrow.array([datetime.date(2024, 5, 1), None, datetime.date(1999, 12, 31)]),
        }
    )
    pyarrow.parquet.write_table(kinds, folder / "kinds.parquet")
    attributes(folder)
    frame = pandas.DataFrame(
        {"content": [text(i) for i in range(5)], "url": ["u%d" % i for i in range(5)], "when": pandas.date_range(WHEN, periods=5)}
    )
    frame.to_parquet(folder / "pandas.parquet")
    frame.to_parquet(folder / "fastparquet.parquet", engine="fastparquet", compression="GZIP")
    datasets.Dataset.from_dict({"text": [text(i) for i in range(5)], "meta": [{"id": i} for i in range(5)]}).to_parquet(
        folder / "datasets.parquet"
    )


def attributes(folder):
    """A struct of attributes: single values of all kinds, and what is none."""
    rows = [
        {"language": "en", "score": 0.5, "rank": 7, "good": True, "seen": WHEN, "tags": ["a"], "site": {"name": "x"},
         "bytes": b"\xff", "price": decimal.Decimal("1.25"), "at": datetime.time(1, 2)},
        {"language": None, "score": None, "rank": None, "good": False, "seen": None, "tags": None, "site": None,
         "bytes": b"ok", "price": None, "at": None},
        None,
    ]
    table = pyarrow.table({"text": [text(i) for i in range(3)], "attributes": pyarrow.array(rows)})
    pyarrow.parquet.write_table(table, folder / "attributes.parquet")


def warc(folder):
    for name, packed in (("warcio.warc", False), ("warcio.warc.gz", True)):
        with open(folder / name, "wb") as to:
            writer = WARCWriter(to, gzip=packed)
            writer.write_record(writer.create_warcinfo_record(name, {"software": "warcio"}))
            for i in range(3):
                response(writer, i, "text/plain; charset=utf-8", text(i).encode())
            response(writer, 3, "text/html", b"<p>not text</p>")
            response(writer, 4, "text/plain; charset=iso-8859-1", "café".encode("latin-1"))
            resource = writer.create_warc_record(
                "file:///notes.txt", "resource", payload=io.BytesIO(text(5).encode()), warc_content_type="text/plain",
                warc_headers_dict=dates(5))
            writer.write_record(resource)
    with open(folder / "warcio.warc.wet.gz", "wb") as to:
        writer = WARCWriter(to, gzip=True)
        writer.write_record(writer.create_warcinfo_record("x.warc.wet.gz", {"software": "warcio"}))
        for i in range(5):
            headers = dates(i) | {"WARC-Identified-Content-Language": "eng,zho"}
            writer.write_record(
                writer.create_warc_record(
                    "https://user:secret@example.org/%d?q=a@b" % i, "conversion", payload=io.BytesIO(text(i).encode()),
                    warc_content_type="text/plain", warc_headers_dict=headers))


def dates(i):
    return {"WARC-Date": "2024-05-01T12:30:%02dZ" % i, "WARC-Record-ID": "<urn:uuid:00000000-0000-0000-0000-%012d>" % i}


def response(writer, i, kind, body):
    http_headers = StatusAndHeaders("200 OK", [("Content-Type", kind), ("Content-Length", str(len(body)))], protocol="HTTP/1.1")
    writer.write_record(
        writer.create_warc_record(
            "https://example.org/%d" % i, "response", payload=io.BytesIO(body), http_headers=http_headers,
            warc_headers_dict=dates(i)))


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def wget(folder):
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        for i in range(2):
            (work / ("page%d.txt" % i)).write_text(text(i))
        (work / "index.html").write_text("<a href=page0.txt>0</a> <a href=page1.txt>1</a>")
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(work)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        out = work / "out"
        out.mkdir()
        subprocess.run(
            ["wget", "-q", "-r", "--warc-file", str(out / "wget"), "http://127.0.0.1:%d/" % server.server_port],
            cwd=out, check=False)
        shutil.copy(out / "wget.warc.gz", folder / "wget.warc.gz")


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[1])
    parquet(target)
    warc(target)
    if shutil.which("wget"):
        wget(target)
