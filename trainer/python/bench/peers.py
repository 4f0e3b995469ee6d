"""Loaders of others over a file of token ids, each as its documentation shows it; every one gives so many tokens a step."""

import pathlib
from collections.abc import Callable, Iterator

import numpy
import torch
from torch.utils.data import Dataset, IterableDataset
from torchdata.stateful_dataloader import StatefulDataLoader

# Fixed lengths, as these loaders have them.
LENGTH = 1024

Read = Callable[[], int]


class Steps(IterableDataset):
    """Whole steps as slices of a memory map: what is left to do where nothing is shuffled or sent."""

    def __init__(self, ids: numpy.ndarray, shapes: list[tuple[int, int]]) -> None:
        self.ids, self.shapes = ids, shapes

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        at = 0
        for rows, width in self.shapes:
            whole = torch.from_numpy(self.ids[at : at + rows * width].astype(numpy.int64)).view(rows, width)
            at += rows * width
            yield whole[:, :-1], whole[:, 1:]


class Rows(Dataset):
    """A row at a time, which the loader collates: a map-style data set as people write it."""

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


def stateful(ids: numpy.ndarray, shapes: list[tuple[int, int]]) -> dict[str, Read]:
    """torchdata's loader, over the steps and over the rows of the run."""
    firsts = numpy.cumsum([0] + [rows for rows, _ in shapes]).tolist()
    by_step = [range(first, end) for first, end in zip(firsts, firsts[1:], strict=False)]

    def read(loader: StatefulDataLoader) -> int:
        return sum(targets.numel() for _, targets in loader)

    return {
        "StatefulDataLoader, steps, no worker": lambda: read(StatefulDataLoader(Steps(ids, shapes), batch_size=None)),
        "StatefulDataLoader, rows, no worker": lambda: read(StatefulDataLoader(Rows(ids, shapes), batch_sampler=by_step)),
        "StatefulDataLoader, rows, 2 workers": lambda: read(
            StatefulDataLoader(Rows(ids, shapes), batch_sampler=by_step, num_workers=2)
        ),
    }


def olmo_core(path: pathlib.Path, tokens_per_step: int, steps: int, workers: int) -> Read:
    """OLMo-core's loader over chunks of a fixed length, shuffled."""
    from olmo_core.data import NumpyDataLoaderConfig, NumpyDatasetDType, NumpyFSLDatasetConfig, TokenizerConfig

    dataset = NumpyFSLDatasetConfig(
        sequence_length=LENGTH,
        tokenizer=TokenizerConfig(vocab_size=1 << 16, eos_token_id=0, pad_token_id=0),
        paths=[str(path)],
        dtype=NumpyDatasetDType.uint16,
        work_dir=str(path.parent / "olmo"),
    ).build()
    config = NumpyDataLoaderConfig(global_batch_size=tokens_per_step, seed=0, num_workers=workers)
    loader = config.build(dataset)
    epochs = iter(range(1, 1 << 30))

    def read() -> int:
        loader.reshuffle(next(epochs))
        total = 0
        for number, batch in enumerate(loader, 1):
            total += batch["input_ids"].numel()
            if number == steps:
                break
        loader.reset()
        return total

    return read


def mosaic(ids: numpy.ndarray, folder: pathlib.Path, tokens_per_step: int, workers: int) -> Read:
    """MosaicML's loader over its own shards of chunks of a fixed length, shuffled."""
    from streaming import MDSWriter, StreamingDataLoader, StreamingDataset

    shards = folder / f"mosaic-{workers}"
    with MDSWriter(out=str(shards), columns={"tokens": f"ndarray:uint16:{LENGTH}"}) as writer:
        for at in range(0, len(ids) - LENGTH + 1, LENGTH):
            writer.write({"tokens": numpy.ascontiguousarray(ids[at : at + LENGTH])})

    class Chunks(StreamingDataset):
        def __getitem__(self, at: int) -> torch.Tensor:
            return torch.from_numpy(super().__getitem__(at)["tokens"].astype(numpy.int64))

    rows = tokens_per_step // LENGTH
    dataset = Chunks(local=str(shards), batch_size=rows, shuffle=True, num_canonical_nodes=1)
    loader = StreamingDataLoader(dataset, batch_size=rows, num_workers=workers)
    return lambda: sum(batch.numel() for batch in loader)
