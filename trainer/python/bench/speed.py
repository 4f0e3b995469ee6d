"""Tokens a second into one Python process, next to torchdata's StatefulDataLoader over a memory map of the same rows.

    python speed.py RUN --sampler 127.0.0.1:7070 --steps 200 --rounds 5

The first pass fetches the steps once and writes their rows to a file. Then each round reads them through a `Dataset`, alone, and
through a `StatefulDataLoader` over the file, in two ways: whole steps (a slice of the map each), and rows, which the loader
collates, as a map-style data set does.
"""

import argparse
import os
import pathlib
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator

import dyadic
import numpy
import torch
from torch.utils.data import Dataset, IterableDataset
from torchdata.stateful_dataloader import StatefulDataLoader


class Steps(IterableDataset):
    def __init__(self, ids: numpy.ndarray, shapes: list[tuple[int, int]]) -> None:
        self.ids, self.shapes = ids, shapes

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        at = 0
        for rows, width in self.shapes:
            whole = torch.from_numpy(self.ids[at : at + rows * width].astype(numpy.int64)).view(rows, width)
            at += rows * width
            yield whole[:, :-1], whole[:, 1:]


class Rows(Dataset):
    def __init__(self, ids: numpy.ndarray, shapes: list[tuple[int, int]]) -> None:
        self.ids = ids
        self.places: list[tuple[int, int]] = []
        at = 0
        for rows, width in shapes:
            self.places += [(at + row * width, width) for row in range(rows)]
            at += rows * width

    def __getitem__(self, index: int) -> tuple[torch.Tensor, torch.Tensor]:
        at, width = self.places[index]
        row = torch.from_numpy(self.ids[at : at + width].astype(numpy.int64))
        return row[:-1], row[1:]


def rate(read: Callable[[], int]) -> float:
    start = time.perf_counter()
    tokens = read()
    return tokens / (time.perf_counter() - start) / 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run")
    parser.add_argument("--sampler")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--prefetch", type=int, default=4)
    arguments = parser.parse_args()

    def dataset(dtype: torch.dtype) -> dyadic.Dataset:
        return dyadic.Dataset(
            arguments.run, sampler=arguments.sampler, end_step=arguments.steps, dtype=dtype, prefetch=arguments.prefetch
        )

    def through(dtype: torch.dtype) -> int:
        return sum(batch.targets.numel() for batch in dataset(dtype))

    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "rows"
        shapes = []
        with open(path, "wb") as file:
            for batch in dataset(torch.int64):
                whole = torch.cat([batch.inputs, batch.targets[:, -1:]], 1)
                file.write(whole.numpy().astype("<u2").tobytes())
                shapes.append((batch.rows, batch.length + 1))
        ids = numpy.memmap(path, dtype="<u2", mode="r")
        by_row = [
            range(sum(r for r, _ in shapes[:i]), sum(r for r, _ in shapes[: i + 1])) for i in range(len(shapes))
        ]
        steps = StatefulDataLoader(Steps(ids, shapes), batch_size=None)
        rows = StatefulDataLoader(Rows(ids, shapes), batch_sampler=by_row)
        ways: dict[str, Callable[[], int]] = {
            "dyadic.Dataset, int64": lambda: through(torch.int64),
            "dyadic.Dataset, uint16": lambda: through(torch.uint16),
            "StatefulDataLoader, whole steps": lambda: sum(targets.numel() for _, targets in steps),
            "StatefulDataLoader, rows collated": lambda: sum(targets.numel() for _, targets in rows),
        }
        rates: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(arguments.rounds):
            for name, read in ways.items():
                rates[name].append(rate(read))
    tokens = sum(count * (width - 1) for count, width in shapes)
    print(
        f"{len(shapes)} steps, {tokens:,} tokens, {arguments.rounds} rounds, {os.cpu_count()} cores;"
        " millions of tokens a second, median (least to most):"
    )
    for name, found in rates.items():
        print(f"  {name:34s} {statistics.median(found):8.1f}  ({min(found):.1f} to {max(found):.1f})")


if __name__ == "__main__":
    main()
