"""Tokens a second into one Python process, next to the loaders of others over the same tokens, in one run.

    python speed.py RUN --sampler 127.0.0.1:7070 --steps 1000 --rounds 5

The first pass fetches the steps once and writes their rows to a file. Then each round reads all of it in every way. OLMo-core
(`ai2-olmo-core`) and MosaicML's streaming (`mosaicml-streaming`) are left out, by name, where they are not installed.
"""

import argparse
import os
import pathlib
import statistics
import tempfile
import time

import dyadic
import numpy
import peers
import torch
from torch.utils.data import DataLoader

PACKED = 8


def rate(read: peers.Read) -> float:
    start = time.perf_counter()
    tokens = read()
    return tokens / (time.perf_counter() - start) / 1e6


def ours(run: str, sampler: str | None, steps: int, prefetch: int) -> dict[str, peers.Read]:
    def dataset(**options: object) -> dyadic.Dataset:
        options.setdefault("prefetch", prefetch)
        return dyadic.Dataset(run, sampler=sampler, end_step=steps, **options)  # type: ignore[arg-type]

    def read(**options: object) -> int:
        return sum(batch.targets.numel() for batch in dataset(**options))

    packed = {"packed": PACKED, "prefetch": 2}
    return {
        "dyadic": read,
        "dyadic, uint16": lambda: read(dtype=torch.uint16),
        "dyadic, 2 workers": lambda: sum(
            batch.targets.numel() for batch in DataLoader(dataset(), batch_size=None, num_workers=2)
        ),
        f"dyadic, packed by {PACKED}": lambda: read(**packed),
        f"dyadic, packed by {PACKED}, position_ids": lambda: sum(
            batch.position_ids.numel() for batch in dataset(**packed)
        ),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run")
    parser.add_argument("--sampler")
    parser.add_argument("--steps", type=int, default=200, help=f"a multiple of {PACKED}")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--prefetch", type=int, default=4)
    arguments = parser.parse_args()
    ways = ours(arguments.run, arguments.sampler, arguments.steps, arguments.prefetch)

    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "ids"
        shapes = []
        with open(path, "wb") as file:
            for batch in dyadic.Dataset(arguments.run, sampler=arguments.sampler, end_step=arguments.steps):
                whole = torch.cat([batch.inputs, batch.targets[:, -1:]], 1)
                file.write(whole.numpy().astype("<u2").tobytes())
                shapes.append((batch.rows, batch.length + 1))
        tokens_per_step = batch.inputs.numel()
        ids = numpy.memmap(path, dtype="<u2", mode="r")
        ways |= peers.stateful(ids, shapes)
        for workers in (0, 2):
            told = f"{workers} workers" if workers else "no worker"
            try:
                ways[f"OLMo-core, {told}"] = peers.olmo_core(path, tokens_per_step, arguments.steps, workers)
            except ImportError as error:
                print(f"OLMo-core is left out: {error}")
            try:
                ways[f"MosaicML streaming, {told}"] = peers.mosaic(ids, path.parent, tokens_per_step, workers)
            except ImportError as error:
                print(f"MosaicML streaming is left out: {error}")
        rates: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(arguments.rounds):
            for name, read in ways.items():
                rates[name].append(rate(read))
    print(
        f"{len(shapes)} steps of {tokens_per_step:,} tokens, {arguments.rounds} rounds, {os.cpu_count()} cores, torch"
        f" {torch.__version__}; millions of tokens a second, median (least to most), and next to the first:"
    )
    first = statistics.median(rates["dyadic"])
    for name, found in rates.items():
        middle = statistics.median(found)
        print(f"  {name:38s} {middle:8.1f}  ({min(found):.1f} to {max(found):.1f})  {middle / first:6.2f}")


if __name__ == "__main__":
    main()
