"""Tokenizes a corpus with Dyadic and with the libraries of others, by one thread each, in turns, and shows the speeds.

    pip install quicktok-v1 tiktoken tokenizers
    python speed.py --tokenizer cl100k_base medium.jsonl
    python speed.py --tokenizer llama3/tokenizer.json --quicktok llama3 medium.jsonl

Texts are in memory. Each figure is the median of the rounds after a first one that does not count. A library that is
not there, or does not have the tokenizer, is left out. tiktoken and quicktok get their text as Python strings.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import time
import zipfile

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
TOP = pathlib.Path(__file__).resolve().parents[4]


def dyadic(args):
    command = [args.dyadic, "bench", "tokenize", "--tokenizer", args.tokenizer, "--input", args.file, "-o", "json"]
    answer = subprocess.run([*command, "--rounds", str(args.rounds)], capture_output=True, text=True)
    if answer.returncode != 0:
        raise SystemExit(answer.stderr)
    return {figure["name"]: figure["median"] for figure in json.loads(answer.stdout)["figures"]}


def vocabulary(address):
    jar = next((TOP / "deploy/dist/target/lib").glob("jtokkit-*.jar"))
    return zipfile.ZipFile(jar).read("com/knuddels/jtokkit/" + address.rsplit("/", 1)[1])


def peers(args):
    """Name and function from a text to its ids, of each library that has the tokenizer."""
    found = {}
    is_file = args.tokenizer.endswith(".json")
    try:
        import quicktok

        encoder = quicktok.get_encoding(args.quicktok or args.tokenizer)
        found["quicktok"] = encoder.encode_ordinary
    except (ImportError, RuntimeError, ValueError, AttributeError) as e:
        print(f"quicktok is left out: {str(e).splitlines()[0]}")
    if is_file:
        from tokenizers import Tokenizer

        library = Tokenizer.from_file(args.tokenizer)
        library.encode_special_tokens = True
        found["Hugging Face tokenizers"] = lambda text: library.encode(text, add_special_tokens=False).ids
    else:
        try:
            import tiktoken
            import tiktoken.load

            # Its vocabularies lie in a library of ours, so that nothing is fetched.
            tiktoken.load.read_file = vocabulary
            found["tiktoken"] = tiktoken.get_encoding(args.tokenizer).encode_ordinary
        except (ImportError, StopIteration, KeyError, ValueError) as e:
            print(f"tiktoken is left out: {str(e).splitlines()[0]}")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tokenizer", required=True, help="a name that Dyadic has, or a tokenizer.json")
    parser.add_argument("--quicktok", help="what quicktok calls it")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--dyadic", default=str(TOP / "dyadic"))
    parser.add_argument("--slow-megabytes", type=float, default=10, help="of text for libraries of less than 10 MB/s")
    parser.add_argument("file", help="JSON lines")
    args = parser.parse_args()
    texts = [json.loads(line)["text"] for line in open(args.file, encoding="utf-8")]
    sizes = [len(text.encode()) for text in texts]

    mine = dyadic(args)
    print(f"{args.tokenizer}, {sum(sizes) / 1e6:.1f} MB of text")
    print(f"{'Dyadic':24} {mine['tokenized by one thread']:8.1f} MB/s {int(mine['tokens']):12,} tokens")
    for name, encode in peers(args).items():
        rates, some, tokens = [], len(texts), 0
        for _ in range(args.rounds + 1):
            begin, done, tokens, count = time.perf_counter(), 0, 0, 0
            for text, size in zip(texts, sizes):
                tokens += len(encode(text))
                done += size
                count += 1
                slow = done / (time.perf_counter() - begin) < 10e6
                if count >= some or (slow and done > args.slow_megabytes * 1e6):
                    break
            rates.append(done / 1e6 / (time.perf_counter() - begin))
            some = count
        whole = "" if some == len(texts) else f" of the first {some} documents"
        rate = statistics.median(rates[1:])
        ratio = mine["tokenized by one thread"] / rate
        print(f"{name:24} {rate:8.1f} MB/s {tokens:12,} tokens{whole}; Dyadic / {name}: {ratio:.2f}")


main()
